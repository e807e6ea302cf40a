package metrika.conversions.intake;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** Each rule of a conversion: what is refused and with which code, what is taken, and what is warned of. */
class ConversionRulesTest {

    private static final Instant NOW = Instant.parse("2025-07-02T00:00:00Z");
    private static final RuleSettings USUAL = new RuleSettings(Duration.ofHours(1), false, false);
    private static final RuleSettings STRICT = new RuleSettings(
            Duration.ofMinutes(1), true, true, Set.of("buy", "lead"), false, "RUB", Duration.ofDays(10), 20);
    private static final RuleSettings GOALS_ONLY =
            new RuleSettings(Duration.ofHours(1), false, false, Set.of(), true, null, null, 255);
    private static final CounterGoals GOALS = CounterGoals.of(
            "[{\"id\": 1, \"name\": \"Bought\", \"type\": \"action\", \"conditions\": [{\"type\": \"exact\", \"url\": \"buy\"}]}]");
    private static final Object REMOVED = new Object();
    private static final Object TWICE = new Object();

    /** What a field is given as. */
    private record Raw(ValueKind kind, String text) {}

    private static Raw number(String text) {
        return new Raw(ValueKind.NUMBER, text);
    }

    private static Raw structure() {
        return new Raw(ValueKind.STRUCTURE, "{…}");
    }

    /** What the rules said of conversions. */
    private record Verdict(ConversionRules rules, RowNotices errors) {

        List<String> codes() {
            return errors.kept().stream()
                    .map(error -> error.field() + " " + error.code())
                    .toList();
        }

        List<String> warnings() {
            return rules.valid().warnings().toList().stream()
                    .map(warning -> warning.get("field") + " " + warning.get("code"))
                    .toList();
        }

        Object column(ConversionField field) {
            var valid = rules.valid();
            return valid.size() == 0 ? null : valid.value(field, 0);
        }
    }

    private static Verdict check(RuleSettings settings, ZoneId zone, Object[]... conversions) {
        var errors = new RowNotices();
        var rules = new ConversionRules(
                zone, NOW.getEpochSecond(), settings, settings == GOALS_ONLY ? GOALS : CounterGoals.UNKNOWN, errors, 1);
        for (var fields : conversions) {
            rules.begin();
            for (int i = 0; i < fields.length; i += 2) {
                give(rules, (String) fields[i], fields[i + 1]);
            }
            rules.end();
        }
        return new Verdict(rules, errors);
    }

    private static void give(ConversionRules rules, String name, Object value) {
        if (value instanceof Money money) {
            rules.field(name, money);
        } else if (value instanceof InvalidValue invalid) {
            rules.field(name, invalid);
        } else if (value instanceof Raw raw) {
            rules.field(name, raw.kind(), raw.text());
        } else if (value instanceof Boolean) {
            rules.field(name, ValueKind.BOOLEAN, value.toString());
        } else if (value == TWICE) {
            rules.field(name, ValueKind.NULL, "null");
            rules.field(name, ValueKind.TEXT, "1");
        } else if (value != REMOVED) {
            rules.field(name, value == null ? ValueKind.NULL : ValueKind.TEXT, String.valueOf(value));
        }
    }

    /** A good conversion with other values of some fields. */
    private static Object[] with(Object... changes) {
        var fields = new ArrayList<Object>(
                List.of("client_id", "1.1", "target", "buy", "date_time", "2025-07-01T12:00:00Z"));
        for (int i = 0; i < changes.length; i += 2) {
            var at = fields.indexOf(changes[i]);
            if (at >= 0 && at % 2 == 0) {
                fields.set(at + 1, changes[i + 1]);
            } else {
                fields.add(changes[i]);
                fields.add(changes[i + 1]);
            }
        }
        return fields.toArray();
    }

    private static Verdict check(RuleSettings settings, Object[]... conversions) {
        return check(settings, ZoneOffset.UTC, conversions);
    }

    private static Stream<Arguments> refused() {
        return Stream.of(
                arguments("client_id required", USUAL, with("client_id", REMOVED)),
                arguments("client_id required", USUAL, with("client_id", null)),
                arguments("client_id required", USUAL, with("client_id", "", "user_id", " ", "yclid", "\n")),
                arguments("client_id required", USUAL, with("client_id", REMOVED, "purchase_id", "7")),
                arguments("client_id required", STRICT, with("client_id", REMOVED, "purchase_id", " ")),
                arguments("target required", USUAL, with("target", REMOVED)),
                arguments("target required", USUAL, with("target", null)),
                arguments("target required", USUAL, with("target", " ")),
                arguments("date_time required", USUAL, with("date_time", REMOVED)),
                arguments("date_time required", USUAL, with("date_time", null)),
                arguments("date_time required", USUAL, with("date_time", " ")),
                arguments("client_id duplicate_field", USUAL, with("client_id", TWICE)),
                arguments("currency duplicate_field", USUAL, with("price", "1", "currency", TWICE)),
                arguments("price duplicate_field", USUAL, new Object[] {
                    "client_id",
                    "1.1",
                    "target",
                    "buy",
                    "date_time",
                    "2025-07-01T12:00:00Z",
                    "price",
                    "1",
                    "currency",
                    "RUB",
                    "price",
                    new InvalidValue("x", "invalid_price", "?")
                }),
                arguments("client_id invalid_type", USUAL, with("client_id", structure())),
                arguments("user_id invalid_type", USUAL, with("user_id", true)),
                arguments("target invalid_type", USUAL, with("target", number("5"))),
                arguments("target invalid_type", USUAL, with("target", true)),
                arguments("client_id invalid_characters", USUAL, with("client_id", "1 1")),
                arguments("user_id invalid_characters", USUAL, with("user_id", "u\u200b")),
                arguments("purchase_id invalid_characters", USUAL, with("purchase_id", "7 ")),
                arguments("target invalid_characters", USUAL, with("target", "buy\nmore")),
                arguments("target invalid_target", USUAL, with("target", "a/b")),
                arguments("target placeholder", USUAL, with("target", "undefined")),
                arguments("client_id placeholder", USUAL, with("client_id", "{{client_id}}")),
                arguments("client_id spreadsheet_text", USUAL, with("client_id", "=1")),
                arguments("client_id spreadsheet_number", USUAL, with("client_id", "1.3E+17")),
                arguments("client_id unsafe_number", USUAL, with("client_id", number("1234567890123456"))),
                arguments("yclid unsafe_number", USUAL, with("yclid", "5.0")),
                arguments("user_id too_long", USUAL, with("user_id", "u".repeat(256))),
                arguments("target too_long", USUAL, with("target", "t".repeat(256))),
                arguments("user_id too_long", STRICT, with("user_id", "u".repeat(21))),
                arguments("user_id too_long", STRICT, with("user_id", "😀".repeat(21))),
                arguments("target too_long", STRICT, with("target", "b".repeat(21))),
                arguments("target unknown_target", STRICT, with("target", "other")),
                arguments("target goal_not_found", GOALS_ONLY, with("target", "Bought")),
                arguments("date_time invalid_date_time", USUAL, with("date_time", "yesterday")),
                arguments("date_time invalid_date_time", USUAL, with("date_time", number("1751371200"))),
                arguments("date_time date_time_in_future", USUAL, with("date_time", "2025-07-02T01:00:01Z")),
                arguments("date_time date_time_in_future", STRICT, with("date_time", "2025-07-02T00:01:01Z")),
                arguments("date_time date_time_too_old", STRICT, with("date_time", "2025-06-21T23:59:59Z")),
                arguments("price invalid_price", USUAL, with("price", "1,50")),
                arguments("price invalid_price", USUAL, with("price", true)),
                arguments("price negative_price", USUAL, with("price", "-0.01", "currency", "RUB")),
                arguments("currency invalid_currency", USUAL, with("price", "1", "currency", "XYZ")),
                arguments("currency invalid_currency", USUAL, with("price", "1", "currency", number("643"))),
                arguments("currency currency_conflict", USUAL, with("price", money("RUB"), "currency", "USD")),
                arguments("currency currency_conflict", USUAL, with("price", money("USD", "CAD"), "currency", "RUB")),
                arguments(
                        "price invalid_price",
                        USUAL,
                        with("price", new InvalidValue("1.000", "invalid_price", "the price has two meanings"))));
    }

    private static Money money(String... currencies) {
        return new Money("5.50", List.of(currencies), "5,50");
    }

    @ParameterizedTest
    @MethodSource
    void refused(String told, RuleSettings settings, Object[] conversion) {
        var verdict = check(settings, with("client_id", "good"), conversion);
        assertThat(verdict.codes()).containsExactly(told);
        assertThat(verdict.errors().kept().get(0).index()).isEqualTo(1);
        assertThat(verdict.errors().kept().get(0).message()).contains(told.split(" ")[0]);
        assertThat(verdict.rules().valid().size()).as("the good one").isEqualTo(1);
        assertThat(verdict.rules().total()).isEqualTo(2);
        assertThat(catchThrowableOfType(InvalidConversions.class, verdict.rules()::result))
                .hasMessage("1 of 2 conversions is invalid");
    }

    /** What is wrong with a whole request, and what stands for the errors that are not shown, are no rules. */
    private static final Set<String> OF_REQUESTS = Set.of("empty", "too_many", "invalid_json", "more");

    /** Prices with a currency in them come from files. */
    private static final Set<String> OF_FILES = Set.of("currency_conflict");

    @Test
    void everyCodeOfTheApiIsTried() throws IOException {
        var api = new ObjectMapper()
                .valueToTree(new Load(LoadSettings.builder().build())
                        .loadFromString(Files.readString(Path.of("src/main/resources/openapi.yaml"))));
        var codes = new TreeSet<String>();
        api.at("/components/schemas/ConversionsProblem/properties/errors/items/properties/code/enum")
                .forEach(code -> codes.add(code.textValue()));
        codes.removeAll(OF_REQUESTS);
        codes.addAll(OF_FILES);
        assertThat(refused().map(row -> ((String) row.get()[0]).split(" ")[1]).collect(Collectors.toSet()))
                .isEqualTo(codes);
    }

    private static Stream<Arguments> taken() {
        return Stream.of(
                arguments(ConversionField.CLIENT_ID, "123", USUAL, with("client_id", number("123"))),
                arguments(ConversionField.CLIENT_ID, "0", USUAL, with("client_id", number("0"))),
                arguments(
                        ConversionField.CLIENT_ID,
                        "123456789012345",
                        USUAL,
                        with("client_id", number("123456789012345"))),
                arguments(ConversionField.YCLID, "5", USUAL, with("client_id", "", "yclid", "5")),
                arguments(ConversionField.USER_ID, "u", USUAL, with("client_id", null, "user_id", "u")),
                arguments(ConversionField.PURCHASE_ID, "7", STRICT, with("client_id", REMOVED, "purchase_id", "7")),
                arguments(ConversionField.USER_ID, "u".repeat(20), STRICT, with("user_id", "u".repeat(20))),
                arguments(ConversionField.USER_ID, "😀".repeat(20), STRICT, with("user_id", "😀".repeat(20))),
                arguments(ConversionField.TARGET, "lead", STRICT, with("target", "lead")),
                arguments(ConversionField.TARGET, "t".repeat(255), USUAL, with("target", "t".repeat(255))),
                arguments(ConversionField.DATE_TIME, 1751418000L, USUAL, with("date_time", "2025-07-02T01:00:00Z")),
                arguments(ConversionField.DATE_TIME, 1751414460L, STRICT, with("date_time", "2025-07-02T00:01:00Z")),
                arguments(ConversionField.DATE_TIME, 1750550400L, STRICT, with("date_time", "2025-06-22T00:00:00Z")),
                arguments(ConversionField.PRICE, new BigDecimal("0"), USUAL, with("price", "-0", "currency", "RUB")),
                arguments(
                        ConversionField.PRICE,
                        new BigDecimal("15"),
                        USUAL,
                        with("price", number("1.5e1"), "currency", "RUB")),
                arguments(ConversionField.CURRENCY, "RUB", STRICT, with("price", "1")),
                arguments(ConversionField.CURRENCY, "USD", STRICT, with("price", "1", "currency", "USD")),
                arguments(ConversionField.CURRENCY, null, STRICT, with()),
                arguments(ConversionField.CURRENCY, "RUB", USUAL, with("price", money("RUB"))),
                arguments(
                        ConversionField.CURRENCY, "CAD", USUAL, with("price", money("USD", "CAD"), "currency", "CAD")),
                arguments(
                        ConversionField.PRICE,
                        new BigDecimal("5.50"),
                        USUAL,
                        with("price", money("RUB"), "currency", "RUB")));
    }

    @ParameterizedTest
    @MethodSource
    void taken(ConversionField field, Object value, RuleSettings settings, Object[] conversion) {
        var verdict = check(settings, new Object[][] {conversion});
        assertThat(verdict.codes()).isEmpty();
        assertThat(verdict.warnings()).isEmpty();
        assertThat(verdict.column(field)).isEqualTo(value);
        assertThat(verdict.rules().result().size()).isEqualTo(1);
    }

    private static Stream<Arguments> warnedOf() {
        return Stream.of(
                arguments("price currency_missing", USUAL, with("price", "1")),
                arguments("price currency_missing", USUAL, with("price", "0")),
                arguments("price currency_missing", USUAL, with("price", money("USD", "CAD"))),
                arguments("date_time older_than_21_days", USUAL, with("date_time", "2025-06-10T23:59:59Z")),
                arguments("client_id unlikely_identifier", USUAL, with("client_id", "GA1.2.3.4")),
                arguments("yclid unlikely_identifier", USUAL, with("yclid", "abc")),
                arguments("currency currency_renamed", USUAL, with("price", "1", "currency", "RUR")),
                arguments("clientId unknown_field", USUAL, with("clientId", "1")),
                arguments("more unknown_field", USUAL, with("more", money("RUB"))),
                arguments("less unknown_field", USUAL, with("less", new InvalidValue("1", "x", "y"))));
    }

    @ParameterizedTest
    @MethodSource
    void warnedOf(String told, RuleSettings settings, Object[] conversion) {
        var verdict = check(settings, with(), conversion, conversion);
        assertThat(verdict.codes()).isEmpty();
        assertThat(verdict.warnings()).containsExactly(told);
        assertThat(verdict.rules().valid().warnings().toList().get(0))
                .containsEntry("index", 1)
                .containsEntry("count", 2)
                .extracting("message")
                .asString()
                .contains(told.split(" ")[0]);
        assertThat(verdict.rules().result().size()).isEqualTo(3);
    }

    @Test
    void twentyOneDaysAreNotTooOld() {
        assertThat(check(USUAL, new Object[][] {with("date_time", "2025-06-11T00:00:00Z")})
                        .warnings())
                .isEmpty();
    }

    @Test
    void localTimesThatNeverOrTwiceCameAreWarnedOf() {
        var berlin = ZoneId.of("Europe/Berlin");
        assertThat(check(USUAL, berlin, with("date_time", "2025-03-30T02:30:00"))
                        .warnings())
                .containsExactly("date_time older_than_21_days", "date_time nonexistent_local_time");
        assertThat(check(USUAL, berlin, with("date_time", "2024-10-27T02:30:00"))
                        .warnings())
                .containsExactly("date_time older_than_21_days", "date_time ambiguous_local_time");
    }

    @Test
    void whereThePriceIsWrongItsCurrencyIsNotAskedFor() {
        assertThat(check(USUAL, new Object[][] {with("price", new Money("x", List.of("RUB"), "x ₽"), "currency", "USD")
                        })
                        .codes())
                .containsExactly("price invalid_price");
        assertThat(check(USUAL, new Object[][] {with("price", money("RUB"), "currency", "rub")})
                        .codes())
                .containsExactly("currency invalid_currency");
    }

    @Test
    void whatIsWrongIsNotMissingAsWell() {
        assertThat(check(USUAL, new Object[][] {
                            {"client_id", number("1.5"), "target", number("5"), "date_time", "yesterday"}
                        })
                        .codes())
                .containsExactly("client_id unsafe_number", "target invalid_type", "date_time invalid_date_time");
    }

    @Test
    void whatIsNoConversionIsOneError() {
        var errors = new RowNotices();
        var rules = new ConversionRules(ZoneOffset.UTC, NOW.getEpochSecond(), USUAL, CounterGoals.UNKNOWN, errors, 1);
        rules.begin();
        rules.notAConversion("5");
        rules.end();
        assertThat(new Verdict(rules, errors).codes()).containsExactly(" invalid_type");
    }

    @Test
    void anEmptyOneMissesAllThatIsNeeded() {
        assertThat(check(USUAL, new Object[][] {{}}).codes())
                .containsExactly("target required", "date_time required", "client_id required");
    }

    @Test
    void returnsAreLeftOutWhereTheInstallationSaysSo() {
        var verdict = check(STRICT, with("price", "-1"), with("price", "0"), with("price", "-2"));
        assertThat(verdict.codes()).isEmpty();
        assertThat(verdict.warnings()).containsExactly("price negative_price");
        assertThat(verdict.rules().valid().warnings().toList().get(0)).containsEntry("count", 2);
        assertThat(verdict.rules().result().size()).isEqualTo(1);
        assertThat(verdict.rules().valid().times(5, ZoneOffset.UTC))
                .singleElement()
                .satisfies(time -> assertThat(time).containsEntry("index", 1));
    }

    @Test
    void whatATeamLeavesOutKeepsItsPlace() {
        var errors = new RowNotices();
        var rules = new ConversionRules(ZoneOffset.UTC, NOW.getEpochSecond(), USUAL, CounterGoals.UNKNOWN, errors, 1);
        rules.leaveOut();
        rules.begin();
        rules.field("target", ValueKind.TEXT, "buy");
        rules.end();
        assertThat(rules.total()).isEqualTo(2);
        assertThat(errors.kept()).extracting(RowNotice::index).containsOnly(1);
        rules.begin();
        for (int i = 0; i < 6; i += 2) {
            rules.field((String) with()[i], ValueKind.TEXT, (String) with()[i + 1]);
        }
        rules.end();
        assertThat(rules.valid().size()).isEqualTo(1);
    }

    @Test
    void aFieldOfTheRequestThatIsUnknownIsWarnedOfOnce() {
        var rules = new ConversionRules(
                ZoneOffset.UTC, NOW.getEpochSecond(), USUAL, CounterGoals.UNKNOWN, new RowNotices(), 1);
        rules.unknownField("comment\u0007" + "x".repeat(100));
        assertThat(rules.valid().warnings().toList())
                .singleElement()
                .satisfies(warning -> assertThat(warning)
                        .containsEntry("code", "unknown_field")
                        .containsEntry("field", "comment?" + "x".repeat(52) + "…")
                        .doesNotContainKey("index"));
    }

    @Test
    void unknownFieldsAreNamedWhereOneIsMissing() {
        var verdict = check(USUAL, new Object[][] {
            with("target", REMOVED, "Target", "buy", "b", "1", "c", "1", "d", "1", "e", "1", "f", "1")
        });
        assertThat(verdict.errors().kept().get(0).message()).endsWith("There is no field 'Target': its name is target");
        verdict = check(
                USUAL,
                new Object[][] {with("target", REMOVED, "a", "", "b", "1", "c", "1", "d", "1", "e", "1", "f", "1")});
        assertThat(verdict.errors().kept().get(0).message()).endsWith("There are no fields 'a', 'b', 'c', 'd', 'e'");
    }

    @Test
    void oneConversionDoesNotSpeakForTheNext() {
        var verdict = check(USUAL, with("price", money("RUB"), "goal", "x"), with("target", REMOVED, "price", "1"));
        assertThat(verdict.codes()).containsExactly("target required");
        assertThat(verdict.errors().kept().get(0).message()).doesNotContain("'goal'");
    }
}
