package metrika.conversions.intake;

import java.io.CharConversionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;

import metrika.conversions.auth.Webhook;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;

/**
 * Reads conversions from what a source delivers and checks them: the JSON of {@code {"conversions": [...]}}, as a
 * stream, each number as it was written; or a list of maps with the API's field names as keys.
 */
public final class ConversionReader {

    /** Of a conversion in JSON. */
    private static final int USUAL_BYTES = 160;

    private final int maxConversions;
    private final RuleSettings settings;
    private final Clock clock;
    private final Function<Webhook, CounterGoals> goals;

    /** Where the goals of counters are not known. */
    public ConversionReader(int maxConversions, RuleSettings settings, Clock clock) {
        this(maxConversions, settings, clock, webhook -> CounterGoals.UNKNOWN);
    }

    /** @param maxConversions in one request */
    public ConversionReader(int maxConversions, RuleSettings settings, Clock clock, KnownGoals goals) {
        this(maxConversions, settings, clock, goals::of);
    }

    private ConversionReader(
            int maxConversions, RuleSettings settings, Clock clock, Function<Webhook, CounterGoals> goals) {
        this.maxConversions = maxConversions;
        this.settings = settings;
        this.clock = clock;
        this.goals = goals;
    }

    /** Reads what a source delivers for a webhook, JSON or rows, as {@link #readJson} or {@link #readRows} does. */
    public Conversions read(IncomingConversions delivered, Webhook webhook) {
        return delivered.json() != null
                ? readJson(delivered.json(), webhook.timeZone(), goals.apply(webhook))
                : readRows(delivered.rows(), webhook.timeZone(), goals.apply(webhook));
    }

    /**
     * Reads a request's JSON, in UTF-8.
     *
     * @param zone what a date_time without an offset is local to
     * @throws InvalidConversions when a conversion breaks a rule
     * @throws ProblemException 400 when the body is not such JSON, or holds none or too many conversions
     */
    public Conversions readJson(byte[] body, ZoneId zone) {
        return readJson(body, zone, CounterGoals.UNKNOWN);
    }

    private Conversions readJson(byte[] body, ZoneId zone, CounterGoals known) {
        var rules = rules(zone, known, new RowNotices(), Math.min(body.length / USUAL_BYTES, maxConversions));
        var count = -1;
        try (var json = Json.FACTORY.createParser(body)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw wrongShape(json);
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var name = json.currentName();
                json.nextToken();
                if (!name.equals("conversions")) {
                    rules.unknownField(name);
                    json.skipChildren();
                } else if (count >= 0) {
                    throw ProblemException.of(
                            400,
                            "conversions is given twice",
                            List.of(Json.error("conversions", "duplicate_field", "conversions is given twice")));
                } else {
                    count = readArray(json, rules);
                }
            }
            if (json.nextToken() != null) {
                throw ProblemException.of(
                        400,
                        "The body goes on after its JSON object",
                        List.of(Json.error("", "invalid_json", "the body goes on after its JSON object")));
            }
        } catch (JsonProcessingException e) {
            throw Json.broken(e);
        } catch (CharConversionException e) {
            throw ProblemException.of(
                    400, "The body is not UTF-8", List.of(Json.error("", "invalid_json", "the body is not UTF-8")));
        } catch (IOException e) {
            throw new UncheckedIOException("bytes in memory cannot fail to be read", e);
        }
        return counted(count, rules);
    }

    /**
     * Takes conversions as maps, as a mapping route makes them; values are texts, numbers, {@link Money} or
     * {@link InvalidValue}.
     *
     * @throws InvalidConversions when a conversion breaks a rule
     * @throws ProblemException 400 when there are none or too many
     */
    public Conversions readRows(List<? extends Map<String, ?>> rows, ZoneId zone) {
        return readRows(rows, zone, CounterGoals.UNKNOWN);
    }

    private Conversions readRows(List<? extends Map<String, ?>> rows, ZoneId zone, CounterGoals known) {
        var rules = rules(zone, known, new RowNotices(), Math.min(rows.size(), maxConversions));
        if (rows.size() <= maxConversions) {
            rows.forEach(row -> read(row, rules));
        }
        return counted(rows.size(), rules);
    }

    /**
     * Takes rows as {@link #readRows} does, but leaves out those that break a rule.
     *
     * @param refused takes those that are left out, with all that is wrong with them
     */
    public Conversions readValidRows(List<SourceRow> rows, Webhook webhook, List<RejectedRow> refused) {
        return readValidRows(rows, webhook.timeZone(), goals.apply(webhook), refused);
    }

    /** The same where the goals of the counter are not known. */
    public Conversions readValidRows(List<SourceRow> rows, ZoneId zone, List<RejectedRow> refused) {
        return readValidRows(rows, zone, CounterGoals.UNKNOWN, refused);
    }

    private Conversions readValidRows(
            List<SourceRow> rows, ZoneId zone, CounterGoals known, List<RejectedRow> refused) {
        var errors = new RowNotices(Integer.MAX_VALUE);
        var rules = rules(zone, known, errors, rows.size());
        var read = rows.stream().filter(row -> row.fault() == null).toList();
        read.forEach(row -> read(row.fields(), rules));
        errors.kept().stream()
                .collect(Collectors.groupingBy(RowNotice::index))
                .forEach((index, notes) -> refused.add(RejectedRow.of(read.get(index), notes)));
        rows.stream().filter(row -> row.fault() != null).forEach(row -> refused.add(RejectedRow.of(row)));
        refused.sort(Comparator.comparingLong(RejectedRow::line));
        return rules.valid();
    }

    /** How many conversions a request may have. */
    public int maxConversions() {
        return maxConversions;
    }

    private static void read(Map<String, ?> row, ConversionRules rules) {
        if (row instanceof EditedConversion edited && edited.isLeftOut() || MappedConversion.isLeftOut(row)) {
            rules.leaveOut();
            return;
        }
        rules.begin(MappedConversion.written(row), MappedConversion.origins(row));
        row.forEach((name, value) -> {
            if (value instanceof InvalidValue invalid) {
                rules.field(name, invalid);
            } else if (value instanceof Money money) {
                rules.field(name, money);
            } else {
                rules.field(name, kind(value), String.valueOf(value));
            }
        });
        rules.end();
    }

    private ConversionRules rules(ZoneId zone, CounterGoals known, RowNotices errors, int expected) {
        return new ConversionRules(zone, clock.instant().getEpochSecond(), settings, known, errors, expected);
    }

    /** @return how many conversions the array holds; too many are counted, not read */
    private int readArray(JsonParser json, ConversionRules rules) throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return -1;
        }
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw ProblemException.of(
                    400,
                    "conversions has to be an array",
                    List.of(Json.error("conversions", "invalid_type", "conversions has to be an array")));
        }
        var count = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (++count > maxConversions) {
                json.skipChildren();
            } else {
                readConversion(json, rules);
            }
        }
        return count;
    }

    private static void readConversion(JsonParser json, ConversionRules rules) throws IOException {
        rules.begin();
        if (json.currentToken() != JsonToken.START_OBJECT) {
            rules.notAConversion(quotable(json));
            json.skipChildren();
        } else {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var name = json.currentName();
                var kind = kind(json.nextToken());
                rules.field(name, kind, quotable(json));
                json.skipChildren();
            }
        }
        rules.end();
    }

    private Conversions counted(int count, ConversionRules rules) {
        if (count < 0) {
            throw ProblemException.of(
                    400,
                    "conversions is required: an array of 1 to %d conversions".formatted(maxConversions),
                    List.of(Json.error("conversions", "required", "conversions is required")));
        }
        if (count == 0) {
            throw ProblemException.of(
                    400,
                    "conversions is empty: 1 to %d are expected".formatted(maxConversions),
                    List.of(Json.error("conversions", "empty", "conversions is empty")));
        }
        if (count > maxConversions) {
            var message = "%d conversions are too many for one request: at most %d (limits.conversions-per-request)"
                    .formatted(count, maxConversions);
            throw ProblemException.of(400, message, List.of(Json.error("conversions", "too_many", message)));
        }
        return rules.result();
    }

    private static ProblemException wrongShape(JsonParser json) {
        var message = json.currentToken() == null ? "the body is empty" : "the body has to be a JSON object";
        return ProblemException.of(
                400,
                message + ": {\"conversions\": [...]} is expected",
                List.of(Json.error("", "invalid_type", message)));
    }

    private static ValueKind kind(JsonToken token) {
        return switch (token) {
            case VALUE_STRING -> ValueKind.TEXT;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> ValueKind.NUMBER;
            case VALUE_TRUE, VALUE_FALSE -> ValueKind.BOOLEAN;
            case VALUE_NULL -> ValueKind.NULL;
            default -> ValueKind.STRUCTURE;
        };
    }

    private static ValueKind kind(Object value) {
        return value == null
                ? ValueKind.NULL
                : value instanceof CharSequence
                        ? ValueKind.TEXT
                        : value instanceof Number
                                ? ValueKind.NUMBER
                                : value instanceof Boolean ? ValueKind.BOOLEAN : ValueKind.STRUCTURE;
    }

    /** A scalar as it was written; of an array or an object only what it is. */
    private static String quotable(JsonParser json) throws IOException {
        return switch (json.currentToken()) {
            case START_ARRAY -> "[…]";
            case START_OBJECT -> "{…}";
            default -> json.getText();
        };
    }
}
