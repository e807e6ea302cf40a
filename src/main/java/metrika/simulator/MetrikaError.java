package metrika.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * An error as Metrika words it.
 *
 * @param code HTTP status, repeated in the body
 * @param errorType {@code error_type}, such as {@code invalid_token}
 * @param message for people
 */
record MetrikaError(int code, String errorType, String message) {

    static MetrikaError invalidParameter(String message) {
        return new MetrikaError(400, "invalid_parameter", message);
    }

    static MetrikaError missingParameter(String message) {
        return new MetrikaError(400, "missing_parameter", message);
    }

    static MetrikaError invalidUploading(String message) {
        return new MetrikaError(400, "invalid_uploading", message);
    }

    static MetrikaError limitExceeded(String message) {
        return new MetrikaError(400, "limit_exceeded", message);
    }

    static MetrikaError unauthorized() {
        return new MetrikaError(401, "unauthorized", "Authorization: OAuth <token> is missing");
    }

    static MetrikaError invalidToken() {
        return new MetrikaError(403, "invalid_token", "Invalid oauth_token");
    }

    static MetrikaError notFound() {
        return new MetrikaError(404, "not_found", "Object not found");
    }

    static MetrikaError quota(String which) {
        return new MetrikaError(429, "quota_" + which, "Quota exceeded: " + which);
    }

    static MetrikaError backend(String message) {
        return new MetrikaError(500, "backend_error", message);
    }

    /** {@code {"errors":[{"error_type":…,"message":…}],"code":…,"message":…}} */
    ObjectNode toJson() {
        ObjectNode body = Json.object();
        body.putArray("errors").addObject().put("error_type", errorType).put("message", message);
        return body.put("code", code).put("message", message);
    }
}
