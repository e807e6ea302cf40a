package metrika.conversions.dashboard;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;

import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

import metrika.conversions.problem.Json;

/**
 * The fields of forms as bodies of the API's operations, so that an act is checked, done and written down in one way,
 * whoever asks for it.
 */
public final class DashboardForms {

    /** The change of a webhook's token. */
    public byte[] readToken(Exchange exchange) {
        return body("token", field(exchange, "token").strip());
    }

    /** The change of whether a webhook takes conversions. What is neither true nor false is refused as it is. */
    public byte[] readActive(Exchange exchange) {
        var given = field(exchange, "is_active");
        return body("is_active", given.matches("true|false") ? Boolean.valueOf(given) : given);
    }

    /** The webhook of the path, for a statement that asks for a field of it. */
    public Map<String, UUID> webhook(@Variable("webhook-id") UUID id) {
        return Map.of("id", id);
    }

    private static byte[] body(String name, Object value) {
        return Json.write(Map.of(name, value)).getBytes(StandardCharsets.UTF_8);
    }

    private static String field(Exchange exchange, String name) {
        var given = exchange.getMessage(HttpMessage.class)
                .getRequest()
                .formAttributes()
                .get(name);
        return given == null ? "" : given;
    }
}
