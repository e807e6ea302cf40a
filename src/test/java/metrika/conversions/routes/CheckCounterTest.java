package metrika.conversions.routes;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
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
import org.postgresql.ds.PGSimpleDataSource;

import metrika.conversions.database.RepeatingJdbc;
import metrika.conversions.delivery.FailureRecorder;
import metrika.conversions.delivery.MetrikaResponseParser;
import metrika.conversions.intake.KnownGoals;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A counter is asked about and the outcome recorded: {@code check-counter} with its statements on a database, and in
 * the place of {@code call-metrika} answers that Metrika might give.
 */
@CamelMainTest(
        properties = {
            "camel.main.routesIncludePattern=file:routes/delivery/check-counter.camel.yaml,"
                    + "file:routes/delivery/log-counter-check.camel.yaml,"
                    + "file:routes/delivery/record-check-failure.camel.yaml,"
                    + "file:routes/delivery/record-metrika-failure.camel.yaml,"
                    + "file:routes/errors/on-error-metrika.camel.yaml",
            "camel.component.kamelet.location=file:routes/templates",
            "counter-check.interval=PT1H"
        })
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CheckCounterTest {

    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final String COUNTER =
            "{\"counter\": {\"id\": 7, \"name\": \"Shop\", \"permission\": \"edit\", \"time_zone_name\": \"Europe/Moscow\"}}";
    private static final String GOALS = """
        {"goals": [
          {"id": 1, "name": "Paid", "type": "action", "goal_source": "user", "is_favorite": 0,
           "conditions": [{"type": "exact", "url": "paid"}]},
          {"id": 2, "name": "Way", "type": "step", "steps": [
            {"id": 3, "name": "First", "type": "action", "conditions": [{"type": "exact", "url": "first"}]}]}]}""";

    @Produce
    private ProducerTemplate caller;

    @BindToRegistry("jdbc")
    private final RepeatingJdbc jdbc = new RepeatingJdbc();

    @BindToRegistry("failureRecorder")
    private final FailureRecorder failureRecorder = new FailureRecorder();

    @BindToRegistry("knownGoals")
    private final KnownGoals knownGoals = new KnownGoals(database(), Duration.ofHours(6), Clock.systemUTC());

    private final MetrikaResponseParser parser = new MetrikaResponseParser(Clock.systemUTC());

    private record Reply(int status, String body) {}

    /** What Metrika answers, call by call. */
    private final Deque<Reply> replies = new ArrayDeque<>();

    private final List<String> paths = new ArrayList<>();

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
                from("direct:call-metrika").errorHandler(noErrorHandler()).process(CheckCounterTest.this::call);
            }
        });
    }

    private void call(Exchange exchange) throws Exception {
        var message = exchange.getMessage();
        paths.add(message.getHeader("CamelHttpMethod") + " " + message.getHeader("CamelHttpPath"));
        var reply = replies.remove();
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, reply.status());
        message.setBody(reply.body());
        parser.readAnswer(exchange, exchange.getVariable("operation", String.class), null, null, null);
    }

    @BeforeEach
    void forget() {
        DATABASE.update("truncate counter_check");
        DATABASE.update("insert into counter_check (counter_id, login, next_check_at) values (7, 'a', clock())");
        replies.clear();
        paths.clear();
    }

    private Map<String, Object> check(Reply... answers) {
        replies.addAll(List.of(answers));
        var done = caller.request(
                "direct:check-counter",
                exchange -> exchange.getMessage()
                        .setBody(Map.of("counter_id", 7L, "login", "a", "webhook_id", new UUID(0, 1))));
        assertThat(done.getException()).isNull();
        assertThat(replies).as("all were asked for").isEmpty();
        return DATABASE.query("select *, next_check_at > clock() as is_put_off from counter_check")
                .get(0);
    }

    @Test
    void theCounterAndItsGoalsAreAskedForAndKept() {
        var row = check(new Reply(200, COUNTER), new Reply(200, GOALS));
        assertThat(paths).containsExactly("GET /management/v1/counter/7", "GET /management/v1/counter/7/goals");
        assertThat(row)
                .containsEntry("outcome", "ok")
                .containsEntry("counter_name", "Shop")
                .containsEntry("counter_time_zone", "Europe/Moscow")
                .containsEntry("permission", "edit")
                .containsEntry("is_put_off", true);
        assertThat(DATABASE.<String>value(
                        "select jsonb_path_query_array(goals, '$[*].conditions[*].url')::text from counter_check"))
                .isEqualTo("[\"paid\", \"first\"]");
        assertThat(DATABASE.<String>value("select shown_goals(goals)->0->>'targets' from counter_check"))
                .isEqualTo("[\"paid\"]");
    }

    @ParameterizedTest
    @CsvSource({
        "401, unauthorized, token_invalid",
        "403, invalid_token, token_invalid",
        "403, access_denied, no_access",
        "403, of_tomorrow, no_access",
        "404, not_found, counter_not_found",
        "400, invalid_parameter, counter_not_found",
        "429, quota_requests_by_uid, unreachable",
        "500, backend_error, unreachable",
        "504, timeout, unreachable"
    })
    void aRefusalSaysWhatIsWrong(int status, String type, String outcome) {
        var row = check(new Reply(
                status,
                "{\"errors\": [{\"error_type\": \"%s\"}], \"code\": %d, \"message\": \"Words\"}"
                        .formatted(type, status)));
        assertThat(row).containsEntry("outcome", outcome).containsEntry("is_put_off", true);
        assertThat((String) row.get("detail")).isEqualTo("Metrika answered %d (%s): Words.", status, type);
        assertThat(row).containsEntry("goals", null);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}",
                "{\"goals\": null}",
                "{\"goals\": [{\"name\": \"without a number\", \"type\": \"action\"}]}",
                "{\"goals\": [{\"id\": 1, \"name\": \"of no kind\"}]}",
                "{\"goals\": [",
                "<html>"
            })
    void goalsThatCannotBeReadWholeAreNotKnown(String goals) {
        var row = check(new Reply(200, COUNTER), new Reply(200, goals));
        assertThat(row).containsEntry("outcome", "unreachable").containsEntry("goals", null);
    }

    @Test
    void aCounterWithoutGoalsHasNone() {
        check(new Reply(200, COUNTER), new Reply(200, "{\"goals\": []}"));
        assertThat(DATABASE.<String>value("select goals::text from counter_check"))
                .isEqualTo("[]");
    }

    @Test
    void whatIsNoCounterIsNoAnswer() {
        assertThat(check(new Reply(200, "{\"counters\": []}"))).containsEntry("outcome", "unreachable");
    }
}
