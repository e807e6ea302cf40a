package metrika.simulator;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Iterator;
import java.util.Set;
import java.util.TreeSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A fault as JSON. A field that is not known is refused, so that a misspelt fault does not pass for a kind one. */
final class FaultJson {
    private static final Set<String> FIELDS = new TreeSet<>(Set.of(
            "on",
            "counter",
            "token",
            "times",
            "skip",
            "kind",
            "at",
            "store",
            "code",
            "error_type",
            "message",
            "body",
            "retry_after",
            "retry_after_form",
            "delay",
            "set"));

    private final JsonNode json;

    private FaultJson(JsonNode json) {
        this.json = json;
    }

    static Fault read(JsonNode json) {
        if (!json.isObject()) {
            throw new IllegalArgumentException("A fault is a JSON object");
        }
        for (Iterator<String> names = json.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!FIELDS.contains(name)) {
                throw Words.unknown("A field of the fault", name, String.join(", ", FIELDS));
            }
        }
        FaultJson reader = new FaultJson(json);
        return reader.narrowed(reader.base());
    }

    private Fault base() {
        FaultKind kind = word(FaultKind.class, "kind", null);
        Point at = word(Point.class, "at", Point.BEFORE_ANSWER);
        return switch (kind) {
            case ERROR -> {
                int code = number("code", 500);
                Fault fault = Fault.error(code, text("error_type", "backend_error"), text("message", "Backend error"))
                        .body(word(FaultBody.class, "body", FaultBody.JSON));
                fault = json.has("at") ? fault.at(at) : fault;
                yield json.has("retry_after")
                        ? fault.retryAfter(
                                duration("retry_after"),
                                word(RetryAfterForm.class, "retry_after_form", RetryAfterForm.SECONDS))
                        : fault;
            }
            case CLOSE -> Fault.close(at);
            case STALL -> Fault.stall(at);
            case DELAY -> Fault.delay(duration("delay")).at(at);
            case ODD -> {
                if (json.get("set") instanceof ObjectNode set) {
                    yield Fault.odd(set);
                }
                throw new IllegalArgumentException("set is the object of the fields that an odd answer changes");
            }
        };
    }

    private Fault narrowed(Fault base) {
        Fault fault = base.on(word(Operation.class, "on", Operation.ANY))
                .times(number("times", 1))
                .skip(number("skip", 0));
        if (json.hasNonNull("counter")) {
            fault = fault.counter(json.get("counter").asLong());
        }
        if (json.hasNonNull("token")) {
            fault = fault.token(json.get("token").asText());
        }
        if (!json.hasNonNull("store")) {
            return fault;
        }
        boolean store = json.get("store").asBoolean();
        if (json.has("at") && store != fault.effect().store()) {
            throw new IllegalArgumentException("at " + Words.of(fault.effect().at()) + " means store "
                    + fault.effect().store());
        }
        return fault.store(store);
    }

    static ObjectNode write(Fault fault) {
        ObjectNode json = Json.object().put("on", Words.of(fault.scope().on()));
        if (fault.scope().counter() != null) {
            json.put("counter", fault.scope().counter());
        }
        if (fault.scope().token() != null) {
            json.put("token_sha256", Tokens.fingerprint(fault.scope().token()));
        }
        json.put("times", fault.scope().times())
                .put("skip", fault.scope().skip())
                .put("kind", Words.of(fault.effect().kind()))
                .put("at", Words.of(fault.effect().at()))
                .put("store", fault.effect().store());
        switch (fault.effect().kind()) {
            case ERROR -> writeError(fault, json);
            case DELAY -> json.put("delay", fault.effect().delay().toString());
            case ODD -> json.set("set", fault.effect().set());
            case CLOSE, STALL -> {}
        }
        return json;
    }

    private static void writeError(Fault fault, ObjectNode json) {
        json.put("code", fault.effect().code())
                .put("error_type", fault.effect().errorType())
                .put("message", fault.effect().message())
                .put("body", Words.of(fault.effect().body()));
        if (fault.effect().retryAfter() != null) {
            json.put("retry_after", fault.effect().retryAfter().toString())
                    .put("retry_after_form", Words.of(fault.effect().retryAfterForm()));
        }
    }

    private String text(String field, String otherwise) {
        return json.hasNonNull(field) ? json.get(field).asText() : otherwise;
    }

    private int number(String field, int otherwise) {
        JsonNode value = json.get(field);
        if (value == null) {
            return otherwise;
        }
        if (!value.canConvertToInt() || !value.isIntegralNumber()) {
            throw Words.unknown(field, value.asText(), "a whole number");
        }
        return value.intValue();
    }

    private Duration duration(String field) {
        String value = text(field, "");
        try {
            return Duration.parse(value);
        } catch (DateTimeParseException bad) {
            IllegalArgumentException complaint = Words.unknown(field, value, "an ISO-8601 duration such as PT5S");
            complaint.initCause(bad);
            throw complaint;
        }
    }

    private <E extends Enum<E>> E word(Class<E> type, String field, E otherwise) {
        return json.hasNonNull(field) || otherwise == null ? Words.parse(type, field, text(field, "")) : otherwise;
    }
}
