package metrika.conversions.delivery;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.apache.camel.support.MessageHelper;

/** Tells Metrika's answers apart: lets a success through, and makes a {@link MetrikaException} of anything else. */
public final class MetrikaResponseParser {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_WORDS = 500;
    /** Of an answer that is no success. */
    private static final int MAX_BYTES = 64 * 1024;
    /** Of a counter or its goals: what is longer is cut off, and no JSON then. */
    private static final int MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
    /** Longer than the longest of its quotas Metrika cannot mean to be left alone. */
    private static final Duration MAX_PAUSE = Duration.ofDays(1);

    private final Clock clock;

    public MetrikaResponseParser(Clock clock) {
        this.clock = clock;
    }

    /**
     * Reads an answer. Leaves it, or what it says of the uploads that were asked for, as JSON in the variable
     * {@code answer}; of a list also the variables {@code page-length}, the number of its entries, and
     * {@code page-fingerprint}, by which a page is known again.
     *
     * @param operation what was called: {@code post-upload}, {@code find-upload}, {@code list-uploads},
     *     {@code read-upload}, {@code read-counter}, {@code read-goals} or {@code create-goal}
     * @param upload the one that was posted or is looked for
     * @param uploadings the ids that were asked about, with commas
     * @param offset how many entries come before the page of the list
     * @throws MetrikaException when it is no success
     */
    public void readAnswer(
            Exchange exchange,
            @Variable("operation") String operation,
            @Variable("upload") Map<String, ?> upload,
            @Variable("uploadings") String uploadings,
            @Variable("offset") Long offset)
            throws MetrikaException, IOException {
        try {
            switch (operation) {
                case "post-upload" -> uploaded(exchange);
                case "find-upload" -> readLookupPage(exchange, upload, offset);
                case "list-uploads" -> readPollPage(exchange, uploadings, offset);
                case "read-upload" -> readSingleUpload(exchange, uploadings);
                case "read-counter" -> readDocument(exchange, CounterResponse::counter);
                case "read-goals" -> readDocument(exchange, CounterResponse::goals);
                case "create-goal" -> readDocument(exchange, CounterResponse::goal);
                default -> throw new IllegalArgumentException("There is no operation " + operation);
            }
        } finally {
            // A long answer is spooled to a file, which goes with its page: a later step that rewinds it would fail
            exchange.getMessage().setBody(null);
        }
    }

    /**
     * Checks the answer to an upload: a success has {@code uploading.id}.
     *
     * @throws MetrikaException when it is not one
     */
    private void uploaded(Exchange exchange) throws MetrikaException {
        var body = exchange.getMessage().getBody(String.class);
        var json = parse(body);
        if (status(exchange) != 200
                || json == null
                || !json.path("uploading").path("id").isIntegralNumber()) {
            throw fault(exchange, body, json, MetrikaErrorClass::adviceAfterUpload);
        }
        exchange.setVariable("answer", body);
    }

    /**
     * Checks the answer to a question for a page of the list, and leaves what it says of some uploads as a JSON array.
     * A list of nothing is an empty one, however Metrika writes it; past the list's end a page may be refused, and is
     * empty then.
     *
     * @param uploadings the ids of these uploads, with commas
     * @param offset how many entries come before the page
     * @throws MetrikaException when it is no list
     */
    private void readPollPage(Exchange exchange, String uploadings, long offset) throws MetrikaException, IOException {
        readPage(exchange, offset, withIds(uploadings));
    }

    /**
     * Checks the answer to a question for a page of the list, as {@link #readPollPage} does, and leaves the entries
     * with an upload's tag.
     *
     * @param offset how many entries come before the page
     */
    private void readLookupPage(Exchange exchange, Map<String, ?> upload, long offset)
            throws MetrikaException, IOException {
        readPage(exchange, offset, entry -> entry.path("comment").asText().equals(upload.get("tag")));
    }

    /**
     * Checks the answer to a question for one upload, and leaves it as {@link #readPollPage} does.
     *
     * @param uploading the upload's id
     * @throws MetrikaException when it does not say what became of this upload
     */
    private void readSingleUpload(Exchange exchange, String uploading) throws MetrikaException, IOException {
        var list = list(exchange, withIds(uploading));
        if (list.size() == 0) {
            throw fault(exchange, MetrikaErrorClass::adviceAfterQuestion);
        }
        leave(exchange, list);
    }

    /** Checks an answer that is read whole, and leaves what is kept of it. */
    private void readDocument(Exchange exchange, Function<JsonNode, String> read) throws MetrikaException, IOException {
        var text = new String(bytes(exchange).readNBytes(MAX_DOCUMENT_BYTES), StandardCharsets.UTF_8);
        var json = status(exchange) / 100 == 2 ? parse(text) : null;
        var answer = json == null ? null : read.apply(json);
        if (answer == null) {
            throw fault(exchange, MetrikaErrorClass::adviceAfterQuestion);
        }
        exchange.setVariable("answer", answer);
    }

    private void readPage(Exchange exchange, long offset, Predicate<JsonNode> isLookedFor)
            throws MetrikaException, IOException {
        try {
            leave(exchange, list(exchange, isLookedFor));
        } catch (MetrikaException e) {
            if (offset == 0 || e.errorClass() != MetrikaErrorClass.REJECTED) {
                throw e;
            }
            leave(
                    exchange,
                    UploadList.read(new ByteArrayInputStream("{}".getBytes(StandardCharsets.UTF_8)), entry -> false));
        }
    }

    private static Predicate<JsonNode> withIds(String uploadings) {
        var ids = new HashSet<>(Arrays.asList(uploadings.split(",")));
        return entry ->
                ids.contains(entry.path("id").asText()) && entry.path("status").isTextual();
    }

    /**
     * Sets the variables {@code page-length}, the number of entries, and {@code page-fingerprint}, by which a page is
     * known again.
     */
    private static void leave(Exchange exchange, UploadList list) {
        exchange.setVariable("page-length", list.length());
        exchange.setVariable("page-fingerprint", list.fingerprint());
        exchange.setVariable("answer", list.found());
    }

    private UploadList list(Exchange exchange, Predicate<JsonNode> isLookedFor) throws MetrikaException, IOException {
        if (status(exchange) == 200) {
            try {
                var list = UploadList.read(bytes(exchange), isLookedFor);
                if (list != null) {
                    return list;
                }
            } catch (JsonProcessingException e) {
                // The fault will say so
            }
        }
        throw fault(exchange, MetrikaErrorClass::adviceAfterQuestion);
    }

    private MetrikaException fault(Exchange exchange, Function<MetrikaErrorClass, String> advice) throws IOException {
        // What says why it is no success is short
        var text = new String(bytes(exchange).readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
        return fault(exchange, text, parse(text), advice);
    }

    private MetrikaException fault(
            Exchange exchange, String body, JsonNode json, Function<MetrikaErrorClass, String> advice) {
        var status = status(exchange);
        // An error that comes with the status of a success tells the real one in its body.
        var real = status == 200 && json != null && json.path("code").isInt()
                ? json.path("code").intValue()
                : status;
        var error = json == null
                ? null
                : json.path("errors").path(0).path("error_type").asText(null);
        var type = MetrikaErrorType.of(real, error, json != null && isError(json));
        var code = error == null ? "http_" + real : error;
        return new MetrikaException(
                type,
                code,
                "Metrika answered %d (%s): %s. ".formatted(real, code, words(json, body)),
                advice.apply(type.errorClass()),
                pause(type, exchange.getMessage().getHeader("Retry-After", String.class)));
    }

    private static int status(Exchange exchange) {
        return exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
    }

    /** The body from its beginning, also when it has been read before. */
    private static InputStream bytes(Exchange exchange) {
        MessageHelper.resetStreamCache(exchange.getMessage());
        var bytes = exchange.getMessage().getBody(InputStream.class);
        return bytes == null ? InputStream.nullInputStream() : bytes;
    }

    /** Whether it has the form of one of Metrika's errors, of which its type is the part that may be missing. */
    private static boolean isError(JsonNode json) {
        return json.isObject()
                && (json.path("code").isInt()
                        || json.path("message").isTextual()
                        || json.path("errors").isArray());
    }

    /** The answer as JSON, or {@code null} when it is none: also with a U+0000, which no database text can hold. */
    private static JsonNode parse(String body) {
        if (body == null || body.isBlank() || body.contains("\\u0000")) {
            return null;
        }
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    private static String words(JsonNode json, String body) {
        var own = json == null
                ? null
                : json.path("message")
                        .asText(json.path("errors").path(0).path("message").asText(null));
        if (own == null) {
            return body == null || body.isBlank()
                    ? "an empty answer"
                    : json == null ? "an answer that is not JSON" : "an answer without what was asked for";
        }
        return own.length() > MAX_WORDS ? own.substring(0, MAX_WORDS) + "…" : own;
    }

    /** Metrika's own wish, or what is usual after such an error. */
    private Duration pause(MetrikaErrorType type, String retryAfter) {
        var wish = retryAfter == null ? null : parseRetryAfter(retryAfter.strip());
        if (wish == null) {
            return type.pause(clock.instant());
        }
        return wish.compareTo(MAX_PAUSE) < 0 ? wish : MAX_PAUSE;
    }

    /** Retry-After in both its forms, seconds and a date; {@code null} when it is neither. */
    private Duration parseRetryAfter(String value) {
        try {
            if (value.matches("[0-9]{1,9}")) {
                return Duration.ofSeconds(Long.parseLong(value));
            }
            var at = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(value));
            var pause = Duration.between(clock.instant(), at);
            return pause.isNegative() ? Duration.ZERO : pause;
        } catch (DateTimeException e) {
            return null;
        }
    }
}
