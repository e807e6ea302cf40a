package metrika.simulator;

import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;

/** The answer that a fault of kind {@code ERROR} gives. */
final class FaultAnswer {
    private FaultAnswer() {}

    static Buffer body(Fault fault) {
        ObjectNode error = new MetrikaError(
                        fault.effect().code(),
                        fault.effect().errorType(),
                        fault.effect().message())
                .toJson();
        String json = Json.write(error);
        return Buffer.buffer(
                switch (fault.effect().body()) {
                    case JSON -> json;
                    case BARE -> Json.write(error.without("errors"));
                    case NO_ERRORS -> {
                        error.putArray("errors");
                        yield Json.write(error);
                    }
                    case EMPTY_OBJECT -> "{}";
                    case NULL_LIST -> "{\"uploadings\":null}";
                    case TRUNCATED -> json.substring(0, json.length() / 2);
                    case TEXT -> "upstream connect error or disconnect/reset before headers";
                    case EMPTY -> "";
                    case HTML ->
                        "<html><head><title>" + fault.effect().code() + "</title></head><body><center><h1>"
                                + fault.effect().code() + "</h1></center><hr><center>nginx</center></body></html>\n";
                });
    }

    static String contentType(Fault fault) {
        return switch (fault.effect().body()) {
            case JSON, BARE, NO_ERRORS, EMPTY_OBJECT, NULL_LIST, TRUNCATED, TEXT -> "application/json; charset=utf-8";
            case HTML -> "text/html";
            case EMPTY -> null;
        };
    }

    /** The date form is told on the system's clock, since the caller compares it with its own. */
    static String retryAfter(Fault fault) {
        return switch (fault.effect().retryAfterForm()) {
            case SECONDS -> Long.toString(fault.effect().retryAfter().toSeconds());
            case DATE ->
                DateTimeFormatter.RFC_1123_DATE_TIME.format(
                        ZonedDateTime.now(ZoneOffset.UTC).plus(fault.effect().retryAfter()));
        };
    }
}
