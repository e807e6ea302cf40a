package metrika.conversions.api;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import com.fasterxml.jackson.databind.JsonNode;

import metrika.conversions.auth.SecretGenerator;
import metrika.conversions.auth.TokenEncryption;
import metrika.conversions.outbound.PublicAddress;
import metrika.conversions.problem.FieldErrors;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.text.StorableText;

/** The fields of one body, and what is wrong with them. */
final class WebhookFields {

    /** The ways to be let in: the secret is sent with each request, or signs it. */
    static final String SENT = "secret";

    private static final String SIGNED = "standard-webhooks";
    private static final int MAX_REQUESTS_PER_MINUTE = 1_000_000;
    private static final int MAX_CHARACTERS = 4096;
    /** What null removes. */
    private static final Set<String> REMOVABLE = Set.of("description", "callback_url");

    private final TokenEncryption cipher;
    private final JsonNode body;
    private final FieldErrors errors = new FieldErrors();

    WebhookFields(TokenEncryption cipher, byte[] bytes, Set<String> known) {
        this.cipher = cipher;
        body = Json.object(bytes);
        body.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                errors.unknown(name, sorted(known));
            } else if (body.get(name).isNull() && !REMOVABLE.contains(name)) {
                error(name, "required", name + " cannot be null: leave it out, or give a value");
            }
        });
    }

    void require(String... names) {
        for (var name : names) {
            if (!body.has(name)) {
                error(name, "required", name + " is required");
            }
        }
    }

    /** All of them, also what is {@code null}: a statement's parameter that is not in the map is an error. */
    Map<String, Object> parameters(UUID id, boolean isPrivateAllowed) {
        var parameters = new LinkedHashMap<String, Object>();
        parameters.put("id", id);
        parameters.put("name", text("name"));
        parameters.put("description", text("description"));
        parameters.put("set_description", body.has("description"));
        parameters.put("counter_id", number("counter_id", Long.MAX_VALUE));
        var token = text("token");
        if (token != null && !token.matches("[\\x21-\\x7e]+")) {
            error(
                    "token",
                    "invalid_token",
                    "token has to be an OAuth token: letters, digits and signs, without blanks");
        } else {
            parameters.put("token", token == null ? null : cipher.encrypt(id, token));
            parameters.put("login", token == null ? null : HexFormat.of().formatHex(SecretGenerator.hash(token)));
        }
        parameters.put("time_zone", timeZone());
        var limit = number("requests_per_minute", MAX_REQUESTS_PER_MINUTE);
        parameters.put("requests_per_minute", limit == null ? null : limit.intValue());
        parameters.put("is_active", flag("is_active"));
        parameters.put("auth", auth());
        newSecret(parameters);
        callback(parameters, isPrivateAllowed);
        parameters.put("fields", fields());
        if (errors.count() > 0) {
            throw ProblemException.of(
                    400,
                    errors.count() == 1 ? "A field is invalid" : errors.count() + " fields are invalid",
                    errors.toList());
        }
        return parameters;
    }

    private String text(String name) {
        var value = body.get(name);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            // What was given may be a token all the same: it is not quoted.
            error(name, "invalid_type", name + " has to be a text");
            return null;
        }
        if (value.textValue().isBlank() && !name.equals("description")) {
            error(name, "required", name + " must not be empty");
        }
        if (value.textValue().length() > MAX_CHARACTERS) {
            error(
                    name,
                    "too_long",
                    "%s has %d characters, %d are the most"
                            .formatted(name, value.textValue().length(), MAX_CHARACTERS));
        }
        if (!StorableText.isStorable(value.textValue())) {
            error(name, "invalid_characters", name + " holds U+0000 or half a surrogate pair, which is no text");
        }
        return value.textValue();
    }

    private Long number(String name, long max) {
        var value = body.get(name);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < 1
                || value.longValue() > max) {
            error(
                    name,
                    "invalid_number",
                    "%s has to be a whole number from 1 to %d, not %s".formatted(name, max, quoted(value)));
            return null;
        }
        return value.longValue();
    }

    private String timeZone() {
        var name = text("time_zone");
        if (name != null && !ZoneId.getAvailableZoneIds().contains(name)) {
            error(
                    "time_zone",
                    "invalid_time_zone",
                    "time_zone has to be an IANA name such as Europe/Moscow, not '" + FieldErrors.quoted(name) + "'");
        }
        return name;
    }

    /** A secret for the webhook's way to be let in, where one is named, and what is kept of it. */
    void newSecret(Map<String, Object> parameters) {
        var auth = parameters.get("auth");
        var bits = SecretGenerator.bits();
        var secret =
                auth == null ? null : auth.equals(SIGNED) ? SecretGenerator.signing(bits) : SecretGenerator.sent(bits);
        parameters.put("secret", secret);
        parameters.put("secret_hash", secret == null ? null : SecretGenerator.hash(secret));
        parameters.put(
                "signing_key",
                SIGNED.equals(auth) ? cipher.encryptSigningKey((UUID) parameters.get("id"), bits) : null);
    }

    /** Where the ends of batches are told, and a new secret that these messages are signed with. */
    private void callback(Map<String, Object> parameters, boolean isPrivateAllowed) {
        var url = text("callback_url");
        var fault = url == null || url.isBlank() ? null : PublicAddress.fault(url, isPrivateAllowed);
        if (fault != null) {
            error("callback_url", "invalid_url", "callback_url " + fault);
        }
        var bits = SecretGenerator.bits();
        parameters.put("set_callback", body.has("callback_url"));
        parameters.put("callback_url", url);
        parameters.put("callback_secret", url == null ? null : SecretGenerator.signing(bits));
        parameters.put(
                "callback_key", url == null ? null : cipher.encryptCallbackKey((UUID) parameters.get("id"), bits));
    }

    /** The names that the body gives: PostgreSQL's form of an array. */
    private String fields() {
        var names = new ArrayList<String>();
        body.fieldNames().forEachRemaining(names::add);
        return "{" + String.join(",", names) + "}";
    }

    private String auth() {
        var auth = text("auth");
        if (auth != null && !auth.isBlank() && !auth.equals(SENT) && !auth.equals(SIGNED)) {
            error(
                    "auth",
                    "invalid_auth",
                    "auth has to be %s or %s, not '%s'".formatted(SENT, SIGNED, FieldErrors.quoted(auth)));
        }
        return auth;
    }

    private Boolean flag(String name) {
        var value = body.get(name);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isBoolean()) {
            error(name, "invalid_type", name + " has to be true or false, not " + quoted(value));
            return null;
        }
        return value.booleanValue();
    }

    /** A scalar as it was written; of an array or an object only what it is. */
    private static String quoted(JsonNode value) {
        return value.isArray() ? "[…]" : value.isObject() ? "{…}" : FieldErrors.quoted(value.toString());
    }

    private void error(String field, String code, String message) {
        errors.add(field, code, message);
    }

    private static String sorted(Set<String> names) {
        return String.join(", ", new TreeSet<>(names));
    }
}
