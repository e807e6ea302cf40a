package metrika.conversions.routes;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;

import org.apache.camel.BindToRegistry;
import org.apache.camel.Exchange;
import org.apache.camel.Produce;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.MainConfigurationProperties;
import org.apache.camel.test.main.junit5.CamelMainTest;
import org.apache.camel.test.main.junit5.Configure;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

import metrika.conversions.database.RepeatingJdbc;
import metrika.conversions.delivery.MetrikaResponseParser;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An upload is looked for in Metrika's list, page by page: {@code find-upload} with its statement on a database, and in
 * the place of {@code call-metrika} a list that behaves as it is told.
 */
@CamelMainTest(
        properties = {
            "camel.main.routesIncludePattern=file:routes/delivery/find-upload.camel.yaml",
            "camel.component.kamelet.location=file:routes/templates",
            "upload.settle=PT10M"
        })
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FindUploadTest {

    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Pattern PAGE = Pattern.compile("limit=10000&offset=(\\d+)");
    /** How many entries Metrika gives at once, though it is asked for more. */
    private static final int PAGE_SIZE = 2;

    @Produce
    private ProducerTemplate caller;

    @BindToRegistry("jdbc")
    private final RepeatingJdbc jdbc = new RepeatingJdbc();

    private final MetrikaResponseParser parser = new MetrikaResponseParser(Clock.systemUTC());

    /** The tags of the uploads that Metrika has, in its order. */
    private List<String> list = new ArrayList<>();

    private final List<Integer> offsets = new ArrayList<>();
    private boolean isOffsetIgnored;
    private String pastTheEnd;
    private Map<String, Object> upload;

    @BindToRegistry("deliveryDatabase")
    private static DataSource database() {
        var database = new PGSimpleDataSource();
        database.setUrl(DATABASE.url());
        return database;
    }

    @Configure
    void configure(MainConfigurationProperties configuration) {
        configuration.addRoutesBuilder(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:call-metrika").errorHandler(noErrorHandler()).process(FindUploadTest.this::call);
            }
        });
    }

    /** Metrika's list, as {@code call-metrika} leaves it. */
    private void call(Exchange exchange) throws Exception {
        var message = exchange.getMessage();
        assertThat(message.getHeader("CamelHttpMethod")).isEqualTo("GET");
        assertThat(message.getHeader("CamelHttpPath"))
                .isEqualTo("/management/v1/counter/7/offline_conversions/uploadings");
        var query = PAGE.matcher(message.getHeader("CamelHttpQuery", String.class));
        assertThat(query.matches()).isTrue();
        var offset = Integer.parseInt(query.group(1));
        offsets.add(offset);
        assertThat(offsets).as("it has an end").hasSizeLessThan(10);
        var from = isOffsetIgnored ? 0 : Math.min(offset, list.size());
        var isRefused = pastTheEnd != null && from == list.size();
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, isRefused ? 400 : 200);
        message.setBody(
                isRefused
                        ? "{\"errors\": [{\"error_type\": \"%s\"}]}".formatted(pastTheEnd)
                        : IntStream.range(from, Math.min(from + PAGE_SIZE, list.size()))
                                .mapToObj(i -> "{\"id\": %d, \"comment\": \"%s\", \"status\": \"UPLOADED\"}"
                                        .formatted(100 + i, list.get(i)))
                                .collect(Collectors.joining(",", "{\"uploadings\": [", "]}")));
        parser.readAnswer(
                exchange,
                exchange.getVariable("operation", String.class),
                upload,
                null,
                exchange.getVariable("offset", Long.class));
    }

    /** An upload whose outcome is unknown since so many minutes. */
    @BeforeEach
    void lose() {
        DATABASE.update("truncate webhook, upload cascade");
        var webhook = UUID.randomUUID();
        DATABASE.update("""
            insert into webhook (id, name, counter_id, token, login, time_zone, requests_per_minute, secret_hash)
            values (?, 'test', 7, '', '', 'UTC', 60, '')\
            """, webhook);
        DATABASE.update("""
            insert into upload (webhook_id, counter_id, conversions, oldest_event_at, claim_number, lease_expires_at,
                                next_attempt_at)
            values (?, 7, 3, clock(), 1, clock() + interval '1 minute', null)\
            """, webhook);
        unknownSince(60);
        list = new ArrayList<>(List.of("a", "b", "c", "d", "e"));
        offsets.clear();
        isOffsetIgnored = false;
        pastTheEnd = null;
    }

    private void unknownSince(int minutes) {
        DATABASE.update("update upload set unknown_since = clock() - make_interval(mins => ?)", minutes);
        upload = DATABASE.query("select id, counter_id, tag, claim_number, clock()::text as claimed_at from upload")
                .get(0);
    }

    private String look() {
        var done = caller.request("direct:find-upload", exchange -> exchange.setVariable("upload", upload));
        if (done.getException() != null) {
            throw new IllegalStateException(done.getException());
        }
        return done.getVariable("verdict", String.class);
    }

    private Map<String, Object> row() {
        return DATABASE.query("""
                select state, metrika_upload_id, metrika_status, unknown_since is null as is_known,
                       next_attempt_at = unknown_since + interval '10 min' as is_asked_again_when_settled from upload\
                """).get(0);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "2, 2", "4, 3"})
    void itIsFoundOnWhateverPageItIsAndAdopted(int place, int pages) {
        list.set(place, (String) upload.get("tag"));
        assertThat(look()).isEqualTo("found");
        assertThat(offsets).containsExactlyElementsOf(List.of(0, 2, 4).subList(0, pages));
        assertThat(row())
                .containsEntry("state", "uploaded")
                .containsEntry("metrika_upload_id", 100L + place)
                .containsEntry("metrika_status", "UPLOADED")
                .containsEntry("is_known", true);
    }

    @Test
    void aListWithoutItIsReadToItsEnd() {
        assertThat(look()).isEqualTo("absent");
        assertThat(offsets).containsExactly(0, 2, 4, 5);
        assertThat(row()).containsEntry("state", "planned");
    }

    @Test
    void aListThatMayLagIsAskedAgainWhenItHasHadItsTime() {
        unknownSince(9);
        assertThat(look()).isEqualTo("wait");
        assertThat(row()).containsEntry("state", "planned").containsEntry("is_asked_again_when_settled", true);
        unknownSince(11);
        assertThat(look()).isEqualTo("absent");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void aListThatGivesTheSamePageForEverHasAnEnd(int length) {
        list = list.subList(0, length);
        isOffsetIgnored = true;
        assertThat(look()).isEqualTo("absent");
        assertThat(offsets).containsExactly(0, Math.min(length, PAGE_SIZE));
    }

    @Test
    void aPageThatIsRefusedPastTheEndIsTheEnd() {
        pastTheEnd = "invalid_parameter";
        assertThat(look()).isEqualTo("absent");
        assertThat(offsets).containsExactly(0, 2, 4, 5);
    }

    @Test
    void anEmptyListIsAList() {
        list.clear();
        assertThat(look()).isEqualTo("absent");
        assertThat(offsets).containsExactly(0);
    }

    @Test
    void aPageThatFailsIsNotTakenForTheEnd() {
        pastTheEnd = "quota_requests_by_uid";
        assertThat(caller.request("direct:find-upload", exchange -> exchange.setVariable("upload", upload))
                        .getException())
                .hasMessageContaining("quota_requests_by_uid");
        assertThat(row()).containsEntry("state", "planned").containsEntry("is_known", false);
    }

    @Test
    void whatSomebodyElseHasClaimedMeanwhileIsLeftToThem() {
        DATABASE.update("update upload set claim_number = 2");
        list.set(0, (String) upload.get("tag"));
        look();
        assertThat(row()).containsEntry("state", "planned").containsEntry("is_known", false);
    }
}
