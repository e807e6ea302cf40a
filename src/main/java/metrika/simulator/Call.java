package metrika.simulator;

import java.time.Instant;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A call that came in.
 *
 * @param operation what was called
 * @param method of HTTP
 * @param path without the query
 * @param query as it came, null when there was none
 * @param status that was answered; 0 while there is no answer, and for good when none was given or only half of one
 * @param at when it came, on the simulator's clock
 * @param token the first 12 hexadecimal digits of the token's SHA-256, null without a token
 */
public record Call(
        Operation operation, String method, String path, String query, int status, Instant at, String token) {

    Call answered(int newStatus) {
        return new Call(operation, method, path, query, newStatus, at, token);
    }

    ObjectNode toJson() {
        return Json.object()
                .put("operation", Words.of(operation))
                .put("method", method)
                .put("path", path)
                .put("query", query)
                .put("status", status)
                .put("at", at.toString())
                .put("token_sha256", token);
    }
}
