package metrika.conversions.intake;

import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.auth.Webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What becomes of rows that break a rule, by the variable {@code bad-rows}. */
class BadRowsTest {

    private static final ConversionReader READER = new ConversionReader(
            1000,
            new RuleSettings(Duration.ofHours(1), false, false),
            Clock.fixed(Instant.parse("2026-11-26T00:00:00Z"), ZoneOffset.UTC));
    private static final Webhook WEBHOOK = new Webhook(new UUID(0, 1), 1, ZoneOffset.UTC, 60, true, 0, null);

    /** The calls of the store, in their order. */
    private final List<String> calls = new ArrayList<>();

    private final ConversionStore store = (ConversionStore) Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {ConversionStore.class}, (proxy, method, arguments) -> {
                calls.add(
                        method.getName().equals("keepRefused")
                                ? "keep %s %s".formatted(arguments[1], ((List<?>) arguments[3]).size())
                                : method.getName());
                return method.getName().equals("store")
                        ? CompletableFuture.completedFuture(new StoredBatch(new UUID(0, 2), 1, null, List.of()))
                        : null;
            });

    private static CheckedConversions checked(String badRows) {
        var good = Map.of("client_id", "1.1", "target", "buy", "date_time", "2026-11-25T12:00:00Z");
        var bad = Map.of("client_id", "1.1", "target", "buy", "date_time", "yesterday");
        return new CheckedConversions(READER, IncomingConversions.of(List.of(good, bad), 1000), WEBHOOK, badRows);
    }

    private void store(String badRows) {
        var exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.setVariable("webhook", WEBHOOK.id());
        exchange.setVariable("source", "leads");
        exchange.setVariable("bad-rows", badRows);
        exchange.setVariable("checked", checked(badRows));
        new StoreConversions(store).process(exchange, done -> {});
        assertThat(exchange.getException()).isNull();
    }

    @Test
    void withLogTheyAreKeptBeforeTheOthersAreStored() {
        store("log");
        assertThat(calls).containsExactly("keep leads 1", "store");
    }

    @Test
    void withLeaveOutTheyAreOnlyTold() {
        store("leave-out");
        assertThat(calls).containsExactly("store");
        assertThat(checked("leave-out").rejected()).hasSize(1);
    }

    /** They are shown to people, in the API and in the dashboard. */
    @Test
    void theyAreShownAsTheyWereWritten() {
        var row = new MappedConversion(Map.of());
        row.put("purchase_id", "A-1");
        row.put("client_id", new InvalidValue("", "required_column", "A is empty or not there"));
        row.put("target", "buy");
        row.refuse("target", new InvalidValue("", "required_column", "B is empty or not there"));
        row.put("date_time", new InvalidValue("01.02.2025", "ambiguous_date", "it has two meanings"));
        row.put("price", new Money("1990.50", List.of("RUB"), "1 990,50 ₽"));
        assertThat(IncomingConversions.of(List.of(row), 1000).asRows().get(0).source())
                .containsExactly("{\"purchase_id\":\"A-1\",\"target\":\"buy\",\"date_time\":\"01.02.2025\","
                        + "\"price\":\"1 990,50 ₽\"}");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "refuse"})
    void otherwiseOneOfThemKeepsAllFromBeingStored(String badRows) {
        assertThatThrownBy(() -> checked(badRows).conversions()).isInstanceOf(InvalidConversions.class);
    }

    @Test
    void anythingElseIsNamed() {
        assertThatThrownBy(() -> checked("skip"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bad-rows is 'skip': one of refuse, leave-out, log is expected");
    }
}
