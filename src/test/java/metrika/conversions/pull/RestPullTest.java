package metrika.conversions.pull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What is asked of an API, page by page, and what ends it. */
class RestPullTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2025-11-01T12:00:00Z"), ZoneOffset.UTC);

    private final RestPull restPull = new RestPull(CLOCK);
    private final PullRun run = new PullRun(1, CursorFormat.UNIX_MS, "1761998400000", null, "PT10M", CLOCK);
    private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());

    private void ask(String address, Map<String, ?> parameters) {
        var all = new HashMap<String, Object>(
                Map.of("count-pages", false, "pages", "", "first-page", "", "page-size", 0));
        all.putAll(parameters);
        all.put("address", address);
        all.forEach(exchange::setVariable);
        restPull.createRequest(exchange, run, address, "", "Authorization", "", "");
    }

    private String uri() {
        return exchange.getMessage().getHeader(Exchange.HTTP_URI, String.class);
    }

    private List<Map<String, ?>> read(String json) throws IOException {
        exchange.getMessage().setBody(json.getBytes(StandardCharsets.UTF_8));
        return restPull.readPage(exchange, 200, run, "rows", "");
    }

    private void end(List<Map<String, ?>> rows) {
        new PullSteps(CLOCK)
                .endPage(
                        exchange,
                        rows,
                        run,
                        "changed|created",
                        exchange.getVariable("next-page", String.class),
                        exchange.getVariable("page-size", Integer.class));
    }

    /** All that is asked of an API with five rows, in pages of two. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            value = {
                "?page={page}¦pages=n¦?page=1 ?page=2 ?page=3",
                "?page={page}¦pages=n, first-page=0¦?page=0 ?page=1 ?page=2",
                "?offset={offset}&limit=2¦page-size=2¦?offset=0&limit=2 ?offset=2&limit=2 ?offset=4&limit=2",
                "?offset={offset}¦page-size=2, pages=n¦?offset=0 ?offset=2 ?offset=4",
                "?page={page}¦count-pages=true, page-size=2¦?page=1 ?page=2 ?page=3"
            })
    void pagesAreCountedToTheirEnd(String query, String parameters, String asked) throws IOException {
        var given = new HashMap<String, Object>();
        for (var parameter : parameters.split(", ")) {
            given.put(parameter.split("=")[0], parameter.split("=")[1]);
        }
        var uris = new ArrayList<String>();
        for (int page = 0; !run.isOver(); page++) {
            ask("https://a.example/o" + query, given);
            uris.add(uri().replace("https://a.example/o", ""));
            end(read("{\"n\": 3, \"rows\": [%s]}"
                    .formatted(
                            page < 2
                                    ? "{\"changed\": %d}, {\"created\": %d}".formatted(page, page)
                                    : "{\"created\": 1761998400500}")));
        }
        assertThat(String.join(" ", uris)).isEqualTo(asked);
        assertThat(run.progress().get("position")).isEqualTo("1761998400500");
    }

    @Test
    void anEmptyPageIsNotTheEndWhereTheApiSaysHowManyThereAre() throws IOException {
        ask("https://a.example/o?page={page}", Map.of("pages", "n"));
        end(read("{\"n\": 3, \"rows\": []}"));
        ask("https://a.example/o?page={page}", Map.of("pages", "n"));
        end(read("{\"n\": \"3\", \"rows\": []}"));
        assertThat(run.page()).isEqualTo("3");
    }

    @Test
    void aNumberOfPagesThatIsNotThereIsTold() {
        ask("https://a.example/o?page={page}", Map.of("pages", "meta.last"));
        assertThatThrownBy(() -> read("{\"rows\": []}"))
                .hasMessage("what it answers has nothing at 'meta.last' (pages): a number of pages is expected");
        assertThatThrownBy(() -> read("{\"rows\": [], \"meta\": {\"last\": \"many\"}}"))
                .hasMessage("what it answers has 'many' at 'meta.last' (pages): a number of pages is expected");
    }

    @Test
    void millisecondsGoBackByTheOverlap() {
        ask("https://a.example/o?since={cursor}", Map.of());
        assertThat(uri()).isEqualTo("https://a.example/o?since=1761997800000");
    }

    @Test
    void refusedCredentialsAreNamedByTheirParameters() {
        ask("https://a.example/o", Map.of());
        assertThatThrownBy(() -> restPull.readPage(exchange, 403, run, "rows", ""))
                .hasMessage(
                        "it answers 403: the credentials are refused; give others (address, username, authorization,"
                                + " authorizationHeader)");
        ask("https://a.example/o", Map.of("username", "shop"));
        assertThatThrownBy(() -> restPull.readPage(exchange, 401, run, "rows", ""))
                .hasMessage("it answers 401: the credentials are refused; give others (username, password)");
    }

    @Test
    void aUserAndAPasswordAreBasicAuthentication() {
        ask("https://a.example/o", Map.of());
        restPull.createRequest(exchange, run, "https://a.example/o", "", "Authorization", "Aladdin", "open sesame");
        assertThat(exchange.getMessage().getHeader("Authorization")).isEqualTo("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assertThatThrownBy(() -> restPull.createRequest(
                        exchange, run, "https://a.example/o", "Bearer x", "Authorization", "Aladdin", "x"))
                .hasMessage("username is given besides authorization or tokenAddress: give one of them");
    }
}
