package metrika.conversions.api;

import java.util.Collection;
import java.util.UUID;

import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.Variable;

import metrika.conversions.ids.Uuids;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.steps.NonBlocking;

/** The parameters in a request's path and query. What is not an id cannot be found. */
public final class RequestParameters {

    private static final int MAX_KEY_CHARACTERS = 255;

    /** The webhook of the path; 404 when it is no id. */
    public UUID readWebhookId(@Header("webhook_id") String id) {
        return Uuids.parse(id).orElseThrow(() -> ProblemException.of(404, "There is no webhook '" + id + "'"));
    }

    /** The batch of the path or of the query; 404 when it is no id, 400 when it is missing. */
    public UUID readBatchId(@Header("batch_id") String id) {
        if (id == null || id.isEmpty()) {
            throw ProblemException.of(400, "batch_id is required: the one that the conversions were answered with");
        }
        return Uuids.parse(id)
                .orElseThrow(() -> ProblemException.of(404, "There is no batch '" + id + "' of this webhook"));
    }

    /** The retry of the path; 404 when it is no id. */
    public UUID readRetryId(@Header("retry_id") String id) {
        return Uuids.parse(id).orElseThrow(() -> ProblemException.of(404, "There is no retry '" + id + "'"));
    }

    /** Ends in 404 when a statement has found nothing of the retry that it was asked for. */
    public void requireRetry(@Body Object found, @Variable("retry-id") UUID id) {
        if (found == null) {
            throw ProblemException.of(404, "There is no retry " + id);
        }
    }

    /**
     * What a sender says beside its conversions: leaves the variables {@code idempotency-key}, if there is one (of a
     * signed request its {@code webhook-id}, which is signed with it), and {@code dry-run}, whether only a check is
     * asked for.
     *
     * @throws ProblemException 400 when the key is not of 1 to {@value #MAX_KEY_CHARACTERS} characters, not one, or not
     *     the signed one; or when {@code dry_run} is neither true nor false
     */
    @NonBlocking
    public void readSendOptions(Exchange exchange) {
        var message = exchange.getMessage();
        exchange.setVariable(
                "idempotency-key",
                idempotencyKey(message.getHeader("Idempotency-Key"), exchange.getVariable("message-id", String.class)));
        exchange.setVariable("dry-run", flag("dry_run", message.getHeader("dry_run", String.class)));
    }

    private static String idempotencyKey(Object key, String messageId) {
        if (messageId != null && (key == null || key.equals(messageId))) {
            return key("webhook-id", messageId);
        }
        if (messageId != null) {
            throw ProblemException.of(
                    400,
                    "Idempotency-Key is not the webhook-id: of a signed request the webhook-id is the key, and the "
                            + "header is not needed");
        }
        return key == null ? null : key("Idempotency-Key", key);
    }

    private static String key(String name, Object key) {
        if (key instanceof String text && !text.isBlank() && text.length() <= MAX_KEY_CHARACTERS) {
            return text;
        }
        throw ProblemException.of(
                400,
                key instanceof String text
                        ? "%s has %d characters: 1 to %d are expected"
                                .formatted(name, text.strip().length(), MAX_KEY_CHARACTERS)
                        : name + " is given more than once");
    }

    /** Ends in 404 when a statement has found nothing, no value or no rows, of the batch that it was asked for. */
    public void requireBatch(@Body Object found, @Variable("batch-id") UUID id) {
        if (found == null || found instanceof Collection<?> rows && rows.isEmpty()) {
            throw ProblemException.of(404, "There is no batch " + id + " of this webhook");
        }
    }

    /** Ends in 404 when a statement has found nothing of the webhook of the path. */
    public void requireWebhook(@Body Object found, @Header("webhook_id") String id) {
        if (found == null) {
            throw ProblemException.of(404, "There is no webhook " + id);
        }
    }

    /** Whether {@code force} is asked for. */
    public boolean readForce(@Header("force") String force) {
        return flag("force", force);
    }

    /** True, false, or 400: a dry run that is misspelt must not be taken for a real one. */
    private static boolean flag(String name, String value) {
        if (value == null || value.equals("false")) {
            return false;
        }
        if (value.equals("true")) {
            return true;
        }
        throw ProblemException.of(400, "%s is '%s': true or false is expected".formatted(name, value));
    }
}
