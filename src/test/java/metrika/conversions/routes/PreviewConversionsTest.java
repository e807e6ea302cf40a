package metrika.conversions.routes;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.camel.BindToRegistry;
import org.apache.camel.EndpointInject;
import org.apache.camel.Exchange;
import org.apache.camel.Produce;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.test.main.junit5.CamelMainTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import metrika.conversions.api.DryRunResponse;
import metrika.conversions.auth.Webhook;
import metrika.conversions.check.DryRunBatchStore;
import metrika.conversions.intake.CheckConversions;
import metrika.conversions.intake.ConversionEditor;
import metrika.conversions.intake.ConversionReader;
import metrika.conversions.intake.InvalidConversions;
import metrika.conversions.intake.ReadConversions;
import metrika.conversions.intake.RuleSettings;
import metrika.conversions.intake.StoreConversions;
import metrika.conversions.problem.Json;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A dry run reads, edits and checks as the storing does: {@code preview-conversions} beside {@code store-conversions},
 * without a database.
 */
@CamelMainTest(
        properties = {
            "camel.main.routesIncludePattern=file:routes/intake/preview-conversions.camel.yaml,"
                    + "file:routes/intake/store-conversions.camel.yaml,"
                    + "file:routes/intake/edit-conversions.camel.yaml",
            "intake.edit=true"
        },
        mockEndpointsAndSkip = "direct:write-csv")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PreviewConversionsTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2025-07-02T00:00:00Z"), ZoneOffset.UTC);
    private static final String ROW =
            "{\"client_id\": \"1.%1$d\", \"target\": \"%2$s\", \"date_time\": \"2025-07-01T12:00:%1$02d\"%3$s}";

    private final Webhook stale = webhook("UTC");
    private final Webhook renewed = webhook("Europe/Moscow");
    private final DryRunBatchStore store = store(renewed);
    /** What a dry run must not reach. */
    private final DryRunBatchStore stored = store(renewed);

    @Produce
    private ProducerTemplate caller;

    @BindToRegistry("readConversions")
    private final ReadConversions readConversions = new ReadConversions(100);

    @BindToRegistry("checkConversions")
    private final CheckConversions checkConversions = new CheckConversions(store);

    @BindToRegistry("storeConversions")
    private final StoreConversions storeConversions = new StoreConversions(stored);

    @BindToRegistry("conversionEditor")
    private final ConversionEditor conversionEditor = new ConversionEditor(100);

    @BindToRegistry("dryRunResponse")
    private final DryRunResponse dryRunResponse = new DryRunResponse();

    @BindToRegistry("webhookRepository")
    private final Webhooks webhooks = new Webhooks();

    @EndpointInject("mock:direct:write-csv")
    private MockEndpoint csv;

    /** In the place of the repository: the webhook has another time zone by now. */
    public final class Webhooks {

        public Webhook renewed(Webhook before) {
            assertThat(before).isSameAs(stale);
            return renewed;
        }
    }

    private static DryRunBatchStore store(Webhook webhook) {
        return new DryRunBatchStore(
                new ConversionReader(100, new RuleSettings(Duration.ofHours(1), false, false), CLOCK), webhook);
    }

    private static Webhook webhook(String zone) {
        return new Webhook(new UUID(0, 1), 1, ZoneId.of(zone), 60, true, 0, null);
    }

    @BeforeEach
    void forget() {
        csv.reset();
        csv.whenAnyExchangeReceived(exchange -> exchange.getMessage().setBody("the file"));
    }

    private Exchange preview(Stream<String> rows) {
        return send("direct:preview-conversions", rows);
    }

    private Exchange send(String route, Stream<String> rows) {
        return caller.request(route, exchange -> {
            exchange.setVariable("webhook", stale);
            exchange.getMessage()
                    .setBody(rows.collect(Collectors.joining(",", "{\"conversions\": [", "]}"))
                            .getBytes(StandardCharsets.UTF_8));
        });
    }

    /** What the file is written of. */
    @SuppressWarnings("unchecked")
    private List<Map<String, Object>> shown() {
        return csv.getExchanges().get(0).getMessage().getBody(List.class);
    }

    private static Stream<String> rows(int count) {
        return Stream.iterate(1, n -> n + 1).limit(count).map(n -> ROW.formatted(n, "buy", ""));
    }

    @Test
    void theFirstTenAreShownAndAllAreCounted() throws Exception {
        var before = stored.count();
        var done = preview(rows(11));
        assertThat(done.getException()).isNull();
        var shown = shown();
        assertThat(shown)
                .hasSize(10)
                .extracting(row -> row.get("ClientId"))
                .startsWith("1.1")
                .endsWith("1.10");
        var answer = Json.MAPPER.readTree(done.getMessage().getBody(String.class));
        assertThat(answer.get("status").textValue()).isEqualTo("valid");
        assertThat(answer.get("accepted_count").intValue()).isEqualTo(11);
        assertThat(answer.get("csv").textValue()).isEqualTo("the file");
        assertThat(answer.get("rows")).hasSize(10);
        assertThat(answer.at("/rows/0/instant").textValue())
                .as("in the time zone that the webhook has now")
                .isEqualTo("2025-07-01T09:00:01Z");
        assertThat(answer.has("warnings")).isFalse();
        assertThat(stored.count()).as("stored").isEqualTo(before);
    }

    @Test
    void whatATeamEditsIsEditedBefore() throws Exception {
        var done = preview(Stream.of(
                ROW.formatted(1, "old-goal-name", ""), ROW.formatted(2, "buy", ", \"purchase_id\": \"TEST-1\"")));
        assertThat(done.getException()).isNull();
        var shown = shown();
        assertThat(shown).singleElement().satisfies(row -> assertThat(row).containsEntry("Target", "new-goal-name"));
    }

    @Test
    void whatATeamEditsIsStoredAsEdited() {
        var done = send(
                "direct:store-conversions",
                Stream.of(
                        ROW.formatted(1, "old-goal-name", ""),
                        ROW.formatted(2, "buy", ", \"purchase_id\": \"TEST-1\"")));
        assertThat(done.getException()).isNull();
        assertThat(stored.valid())
                .singleElement()
                .satisfies(row -> assertThat(row).containsEntry("Target", "new-goal-name"));
    }

    @Test
    void whatBreaksARuleIsToldToTheCaller() throws Exception {
        csv.expectedMessageCount(0);
        var done = preview(Stream.of(ROW.formatted(1, "buy", ""), ROW.formatted(2, "", "")));
        assertThat(done.getException())
                .rootCause()
                .isInstanceOf(InvalidConversions.class)
                .hasMessage("1 of 2 conversions is invalid");
        csv.assertIsSatisfied();
    }

    @Test
    void warningsAreTold() throws Exception {
        var done = preview(Stream.of(ROW.formatted(1, "buy", ", \"price\": 5")));
        assertThat(Json.MAPPER
                        .readTree(done.getMessage().getBody(String.class))
                        .at("/warnings/0/code")
                        .textValue())
                .isEqualTo("currency_missing");
    }
}
