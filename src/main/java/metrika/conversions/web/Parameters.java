package metrika.conversions.web;

import java.util.Optional;
import java.util.UUID;

import org.apache.camel.Header;

/** The parameters in a request's path and query. What is not an id cannot be found. */
public final class Parameters {

    /** The webhook of the path; 404 when it is no id. */
    public UUID webhook(@Header("webhook_id") String id) {
        return parse(id).orElseThrow(() -> Problem.of(404, "There is no such webhook"));
    }

    /** The batch of the path or of the query; 404 when it is no id, 400 when it is missing. */
    public UUID batch(@Header("batch_id") String id) {
        if (id == null || id.isBlank()) {
            throw Problem.of(400, "batch_id is required: the one that the conversions were answered with");
        }
        return parse(id).orElseThrow(() -> Problem.of(404, "There is no such batch of this webhook"));
    }

    /** Whether {@code force} is asked for. */
    public boolean isForced(@Header("force") String force) {
        return flag("force", force);
    }

    /** Whether only a check is asked for. */
    public boolean isDryRun(@Header("dry_run") String dryRun) {
        return flag("dry_run", dryRun);
    }

    /** True, false, or 400: a dry run that is misspelt must not be taken for a real one. */
    private static boolean flag(String name, String value) {
        if (value == null || value.equals("false")) {
            return false;
        }
        if (value.equals("true")) {
            return true;
        }
        throw Problem.of(400, "%s is '%s': true or false is expected".formatted(name, value));
    }

    /** The id in a text, if it is one in the form that we give out: UUID.fromString would take 1-2-3-4-5 too. */
    public static Optional<UUID> parse(String id) {
        try {
            var uuid = UUID.fromString(id);
            return uuid.toString().equalsIgnoreCase(id) ? Optional.of(uuid) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
