package metrika.conversions.pull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

import com.sun.net.httpserver.HttpExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.auth.StoredWebhook;
import metrika.conversions.support.Product;
import metrika.conversions.support.TestDatabase;

import static metrika.conversions.pull.ShopApi.ok;
import static metrika.conversions.pull.ShopApi.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The source of docs/pulling.md that gets its tokens of an OAuth server, and reads 250 calls on three pages. */
class TokenPullIT {

    private static final int CALLS = 250;
    private static final int PAGE = 100;

    private final TestDatabase database = TestDatabase.create();
    /** The tokens that were given, with when each ends. */
    private final Map<String, Instant> tokens = new LinkedHashMap<>();

    private final List<String> given = new CopyOnWriteArrayList<>();
    private volatile int life = 600;
    private volatile boolean isClientKnown = true;
    private volatile boolean isTokenGood = true;

    @TempDir
    private Path folder;

    private ShopApi.Page answer(HttpExchange exchange) {
        if (exchange.getRequestURI().getPath().equals("/oauth/token")) {
            return token(exchange);
        }
        var authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        synchronized (tokens) {
            var end = tokens.get(authorization.replaceFirst("^Bearer ", ""));
            if (!isTokenGood || end == null || !Instant.now().isBefore(end)) {
                return new ShopApi.Page(401, Map.of(), "{\"error\": \"expired\"}");
            }
        }
        var begin = Integer.parseInt(
                query(exchange).getOrDefault("cursor", "after-0").replace("after-", ""));
        var end = Math.min(begin + PAGE, CALLS);
        var page = new LinkedHashMap<String, Object>();
        page.put(
                "items", IntStream.range(begin, end).mapToObj(TokenPullIT::call).toList());
        page.put("next_cursor", end == CALLS ? null : "after-" + end);
        return ok(page);
    }

    private ShopApi.Page token(HttpExchange exchange) {
        try {
            given.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8) + " "
                    + exchange.getRequestMethod() + " "
                    + exchange.getRequestHeaders().get("Content-Type"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!isClientKnown) {
            return new ShopApi.Page(401, Map.of(), "{\"error\": \"invalid_client\"}");
        }
        synchronized (tokens) {
            var token = "secret-token-" + given.size();
            tokens.put(token, Instant.now().plusSeconds(life));
            return ok(Map.of("access_token", token, "token_type", "Bearer", "expires_in", life));
        }
    }

    private static Map<String, Object> call(int number) {
        return Map.of(
                "call_id",
                "c-" + number,
                "updated_at",
                Instant.parse("2025-11-01T00:00:00.123Z").plusSeconds(number).toString(),
                "outcome",
                number % 2 == 0 ? "SALE" : "LOST",
                "amount",
                Map.of("minor", 150_050 + number, "currency", "RUB"),
                "ended_at",
                "2025-11-01T11:58:00Z",
                "attributes",
                number % 4 == 0
                        ? List.of(
                                Map.of("name", "campaign", "value", "x"),
                                Map.of("name", "ymclid", "value", "1764399000123456789"))
                        : List.of());
    }

    private Product product(ShopApi calls) throws IOException {
        Product.copyProject(folder);
        Files.writeString(
                folder.resolve("routes/sources/in-calls.camel.yaml"), PullingPage.route("in-calls", "rest-pull"));
        Files.writeString(
                folder.resolve("application.properties"),
                Files.readString(folder.resolve("application.properties")) + "\n"
                        + PullingPage.settings("inbound.calls."));
        return Product.idle(database, "http://127.0.0.1:1")
                .in(folder)
                .with("inbound.calls.webhook", StoredWebhook.ofDev(database, 1).id())
                .with("inbound.calls.url", calls.url())
                .with("inbound.calls.client-secret", "s3cr3t-of-the-client")
                .with("inbound.calls.schedule", "* * * * * ?")
                .start();
    }

    @Test
    void itReadsOnWithTokensThatRunOutAndTellsWhatFails() throws IOException {
        try (var calls = new ShopApi(this::answer);
                var product = product(calls)) {
            await().until(() -> product.log().contains("250 rows read, 63 stored"));
            assertThat(database.query("select * from conversion where client_id = '1764399000123456789'"
                            + " and target = 'phone_sale' and price = 1500.50 and currency = 'RUB'"))
                    .hasSize(1);
            assertThat(pages(calls).subList(0, 3))
                    .containsExactly(
                            "/v2/calls?updated_after=2025-11-01T00%3A00%3A00.000Z&page_size=100",
                            "/v2/calls?updated_after=2025-11-01T00%3A00%3A00.000Z&page_size=100&cursor=after-100",
                            "/v2/calls?updated_after=2025-11-01T00%3A00%3A00.000Z&page_size=100&cursor=after-200");
            assertThat(given)
                    .containsExactly(
                            "grant_type=client_credentials&client_id=metrika&client_secret=s3cr3t-of-the-client"
                                    + " POST [application/x-www-form-urlencoded]");

            // Taken back before its time
            forget();
            await().until(() -> given.size() > 1);
            assertThat(product.log()).doesNotContain("could not be pulled");
            // It runs out
            life = 2;
            forget();
            await().until(() -> given.size() > 4);

            isClientKnown = false;
            forget();
            var why = "it gives no token, it answers 401 invalid_client: see clientId, clientSecret, scope and"
                    + " clientAuthentication (POST %s/oauth/token)".formatted(calls.url());
            await().until(() -> product.log().contains(why));
            await().until(() -> product.get("/cursors").body().contains(why));
            isClientKnown = true;
            isTokenGood = false;
            await().until(() -> product.log()
                    .contains("it answers 401: the token is refused; see clientId, scope and authorizationHeader"
                            + " (GET %s/v2/calls)".formatted(calls.url())));
            assertThat(product.log()).doesNotContain("s3cr3t", "secret-token", "\tat ", " ERROR ");
        }
    }

    private void forget() {
        synchronized (tokens) {
            tokens.clear();
        }
    }

    /** The pages that were asked for. */
    private static List<String> pages(ShopApi calls) {
        return calls.asked().stream()
                .filter(each -> each.startsWith("/v2/"))
                .map(each -> each.replaceFirst(" .*", ""))
                .toList();
    }
}
