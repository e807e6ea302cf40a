package metrika.conversions.intake;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.PluginHelper;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What {@code edit-conversions} does to conversions, and the rules that are settings. */
class ConversionEditorTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2025-07-02T00:00:00Z"), ZoneOffset.UTC);

    private static ConversionReader reader(RuleSettings settings) {
        return new ConversionReader(10, settings, CLOCK);
    }

    private static final RuleSettings USUAL = new RuleSettings(Duration.ofHours(1), false, false);

    /** The shipped route after what is read, as in {@code store-conversions}. */
    private static IncomingConversions edit(Object body) throws Exception {
        try (var context = new DefaultCamelContext()) {
            context.getRegistry().bind("readConversions", new ReadConversions(10));
            context.getRegistry().bind("conversionEditor", new ConversionEditor(10));
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(PluginHelper.getResourceLoader(context)
                            .resolveResource("file:" + Path.of("routes/intake/edit-conversions.camel.yaml")));
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:edit")
                            .process("readConversions")
                            .split()
                            .method("conversionEditor", "conversions")
                            .to("direct:edit-conversions");
                }
            });
            context.start();
            try (var producer = context.createProducerTemplate()) {
                var exchange = new DefaultExchange(context);
                exchange.getMessage().setBody(body);
                var edited = producer.send("direct:edit", exchange);
                assertThat(edited.getException()).isNull();
                return edited.getProperty(
                        ConversionEditor.EDITED, edited.getVariable("incoming"), IncomingConversions.class);
            }
        }
    }

    private static byte[] json(String rows) {
        return ("{\"conversions\": [" + rows.replace('\'', '"') + "]}").getBytes(StandardCharsets.UTF_8);
    }

    private static String row(String client, String purchase, String target) {
        return ("{'client_id': '%s', 'purchase_id': '%s', 'target': '%s', 'date_time': '2025-07-01T12:00:00Z',"
                        + " 'price': 1.50}")
                .formatted(client, purchase, target);
    }

    @Test
    void theShippedExampleRenamesAGoalAndLeavesTestOrdersOut() throws Exception {
        var given = json(
                row("1.1", "TEST-1", "buy") + "," + row("1.2", "2", "old-goal-name") + "," + row("1.3", "3", "buy"));
        var edited = edit(given);
        var conversions = reader(USUAL).readRows(edited.rows(), ZoneOffset.UTC);
        assertThat(conversions.preview(10))
                .extracting(line -> line.get("Target"))
                .containsExactly("new-goal-name", "buy");
        assertThat(conversions.preview(10))
                .extracting(line -> String.valueOf(line.get("Price")))
                .containsOnly("1.50");
        assertThat(edited.hash()).isEqualTo(IncomingConversions.of(given, 10).hash());
    }

    @Test
    void anErrorNamesThePlaceInTheRequestNotAmongThoseThatAreLeft() throws Exception {
        var edited = edit(json(row("1.1", "TEST-1", "buy") + "," + row("1.2", "2", "")));
        assertThatThrownBy(() -> reader(USUAL).readRows(edited.rows(), ZoneOffset.UTC))
                .isInstanceOfSatisfying(
                        InvalidConversions.class,
                        invalid -> assertThat(invalid.errors().kept())
                                .extracting(RowNotice::index)
                                .containsExactly(1));
    }

    @Test
    void whatIsNotConversionsIsLeftToTheRules() throws Exception {
        for (var body : List.of("{\"conversions\": 7}", "nonsense", "{\"conversions\": [7]}", "{}")) {
            assertThat(edit(body.getBytes(StandardCharsets.UTF_8)).json())
                    .as(body)
                    .isEqualTo(body.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void partsOfAFileKeepTheirLines() throws Exception {
        var part = new FileChunk(
                "key",
                List.of(
                        new SourceRow(
                                2, Map.of("client_id", "1.1", "purchase_id", "TEST-1", "target", "buy"), List.of("a")),
                        new SourceRow(3, Map.of("client_id", "1.2", "target", "old-goal-name"), List.of("b"))));
        var refused = new ArrayList<RejectedRow>();
        var edited = edit(part);
        assertThat(reader(USUAL)
                        .readValidRows(edited.asRows(), ZoneOffset.UTC, refused)
                        .size())
                .isZero();
        assertThat(refused)
                .hasSize(1)
                .first()
                .satisfies(row -> assertThat(row.line()).isEqualTo(3));
        assertThat(edited.part().key()).isEqualTo("key");
    }

    @Test
    void rulesThatAreSettings() {
        var strict =
                new RuleSettings(Duration.ofHours(1), false, false, Set.of("buy"), false, "RUB", Duration.ofDays(1), 5);
        var row = Map.<String, Object>of(
                "client_id", "1.1", "target", "buy", "date_time", "2025-07-01T12:00:00Z", "price", "1.50");
        assertThat(reader(strict)
                        .readRows(List.of(row), ZoneOffset.UTC)
                        .preview(1)
                        .get(0))
                .containsEntry("Currency", "RUB");
        assertThat(codes(strict, Map.of("client_id", "1.1", "target", "lead", "date_time", "2025-07-01T12:00:00Z")))
                .containsExactly("unknown_target");
        assertThat(codes(strict, Map.of("client_id", "1.1", "target", "buy", "date_time", "2025-06-30T12:00:00Z")))
                .containsExactly("date_time_too_old");
        assertThat(codes(strict, Map.of("client_id", "123456", "target", "buy", "date_time", "2025-07-01T12:00:00Z")))
                .containsExactly("too_long");
        assertThat(codes(USUAL, Map.of("client_id", "123456", "target", "lead", "date_time", "2025-06-30T12:00:00Z")))
                .isEmpty();
    }

    private static List<String> codes(RuleSettings settings, Map<String, ?> row) {
        try {
            reader(settings).readRows(List.of(row), ZoneOffset.UTC);
            return List.of();
        } catch (InvalidConversions e) {
            return e.errors().kept().stream().map(RowNotice::code).toList();
        }
    }
}
