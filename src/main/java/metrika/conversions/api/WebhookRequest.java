package metrika.conversions.api;

import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.camel.Body;
import org.apache.camel.Header;
import org.apache.camel.Variable;

import metrika.conversions.auth.SecretGenerator;
import metrika.conversions.auth.TokenEncryption;
import metrika.conversions.auth.WebhookRepository;
import metrika.conversions.ids.Uuids;
import metrika.conversions.problem.FieldErrors;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.text.StorableText;

/**
 * What administrators say of a webhook, checked and made into the parameters of {@code insert-webhook.sql},
 * {@code update-webhook.sql} and {@code rotate-secret.sql}. All that is wrong is reported at once.
 */
public final class WebhookRequest {

    /** The ways to be let in: the secret is sent with each request, or signs it. */
    private static final String SENT = "secret";

    private static final String SIGNED = "standard-webhooks";
    private static final int MOST_REQUESTS_PER_MINUTE = 1_000_000;
    private static final int MOST_CHARACTERS = 4096;
    private static final Duration LONGEST_GRACE = Duration.ofDays(366);

    private final TokenEncryption cipher;
    private final int defaultRequestsPerMinute;
    private final Duration defaultGrace;
    private final ZoneId defaultTimeZone;

    public WebhookRequest(
            TokenEncryption cipher, int defaultRequestsPerMinute, Duration defaultGrace, ZoneId defaultTimeZone) {
        this.cipher = cipher;
        this.defaultRequestsPerMinute = defaultRequestsPerMinute;
        this.defaultGrace = defaultGrace;
        this.defaultTimeZone = defaultTimeZone;
    }

    /**
     * Reads the body of a creation.
     *
     * @param actor who creates it, for the audit; with {@code address}, where from
     * @return the parameters of {@code insert-webhook.sql}, and besides {@code secret}, to be shown this once
     * @throws ProblemException 400 with all that is wrong
     */
    public Map<String, Object> readNew(@Body byte[] body) {
        var fields = new Fields(
                body, Set.of("name", "counter_id", "token", "description", "time_zone", "requests_per_minute", "auth"));
        fields.require("name", "counter_id", "token");
        var parameters = fields.parameters(UUID.randomUUID());
        parameters.putIfAbsent("time_zone", defaultTimeZone.getId());
        parameters.putIfAbsent("requests_per_minute", defaultRequestsPerMinute);
        if (parameters.putIfAbsent("auth", SENT) == null) {
            fields.newSecret(parameters);
        }
        return parameters;
    }

    /**
     * Reads the body of a PATCH. A field that is not named stays as it is; only a description can be removed, by null.
     *
     * @param id the webhook's id, of the path
     * @return the parameters of {@code update-webhook.sql}, and {@code secret}, to be shown this once where the kind
     *     of authentication changes; what is not to change is {@code null}
     * @throws ProblemException 400 with all that is wrong, 404 when the id is none
     */
    public Map<String, Object> readChange(@Body byte[] body, @Header("webhook_id") String id) {
        var fields = new Fields(
                body,
                Set.of(
                        "name",
                        "counter_id",
                        "token",
                        "description",
                        "time_zone",
                        "requests_per_minute",
                        "is_active",
                        "auth"));
        var parameters = fields.parameters(Uuids.parse(id).orElseThrow(() -> WebhookRepository.unknown(id)));
        parameters.put("grace", defaultGrace.toString());
        return parameters;
    }

    /** The answer to a PATCH that gave the webhook a new secret: the webhook as it is shown, JSON, and the secret. */
    public String addSecret(@Body String webhook, @Variable("form") Map<String, ?> form) {
        return webhook.substring(0, webhook.length() - 1) + ",\"secret\":" + Json.write(form.get("secret")) + "}";
    }

    /**
     * Makes a new secret.
     *
     * @param id the webhook's id, of the path
     * @param grace how long the present secret stays valid, ISO 8601; {@code null} for the setting's
     * @return the parameters of {@code rotate-secret.sql}, and besides {@code sent} and {@code signing}, the two forms
     *     of the secret, of which one is to be shown this once
     * @throws ProblemException 400 when the grace is none, 404 when the id is none
     */
    public Map<String, Object> readRotation(@Header("webhook_id") String id, @Header("grace") String grace) {
        var bits = SecretGenerator.bits();
        var webhook = Uuids.parse(id).orElseThrow(() -> WebhookRepository.unknown(id));
        var parameters = new LinkedHashMap<String, Object>();
        parameters.put("id", webhook);
        parameters.put("sent", SecretGenerator.sent(bits));
        parameters.put("sent_hash", SecretGenerator.hash(SecretGenerator.sent(bits)));
        parameters.put("signing", SecretGenerator.signing(bits));
        parameters.put("signing_hash", SecretGenerator.hash(SecretGenerator.signing(bits)));
        parameters.put("signing_key", cipher.encryptSigningKey(webhook, bits));
        parameters.put("grace", grace(grace).toString());
        return parameters;
    }

    /**
     * The answer to a rotation: the new secret, in the form that the webhook takes.
     *
     * @param rotated what {@code rotate-secret.sql} answers
     */
    public String showSecret(@Body Map<String, ?> rotated, @Variable("form") Map<String, ?> form) {
        return "{\"secret\":%s,\"previous_valid_until\":%s}"
                .formatted(
                        Json.write(form.get(Boolean.TRUE.equals(rotated.get("signs")) ? "signing" : "sent")),
                        Json.write(String.valueOf(rotated.get("previous_valid_until"))));
    }

    private Duration grace(String given) {
        if (given == null) {
            return defaultGrace;
        }
        try {
            var grace = Duration.parse(given);
            if (!grace.isNegative() && grace.compareTo(LONGEST_GRACE) <= 0) {
                return grace;
            }
        } catch (DateTimeParseException e) {
            // falls through to the one message that says what is expected
        }
        throw ProblemException.of(
                400,
                "grace is '%s': an ISO 8601 duration from PT0S to P%dD is expected"
                        .formatted(FieldErrors.quoted(given), LONGEST_GRACE.toDays()));
    }

    /** The fields of one body, and what is wrong with them. */
    private final class Fields {

        private final JsonNode body;
        private final FieldErrors errors = new FieldErrors();

        Fields(byte[] bytes, Set<String> known) {
            body = Json.object(bytes);
            body.fieldNames().forEachRemaining(name -> {
                if (!known.contains(name)) {
                    errors.unknown(name, sorted(known));
                } else if (body.get(name).isNull() && !name.equals("description")) {
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
        Map<String, Object> parameters(UUID id) {
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
            var limit = number("requests_per_minute", MOST_REQUESTS_PER_MINUTE);
            parameters.put("requests_per_minute", limit == null ? null : limit.intValue());
            parameters.put("is_active", flag("is_active"));
            parameters.put("auth", auth());
            newSecret(parameters);
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
            if (value.textValue().length() > MOST_CHARACTERS) {
                error(
                        name,
                        "too_long",
                        "%s has %d characters, %d are the most"
                                .formatted(name, value.textValue().length(), MOST_CHARACTERS));
            }
            if (!StorableText.isStorable(value.textValue())) {
                error(name, "invalid_characters", name + " holds U+0000 or half a surrogate pair, which is no text");
            }
            return value.textValue();
        }

        private Long number(String name, long most) {
            var value = body.get(name);
            if (value == null || value.isNull()) {
                return null;
            }
            if (!value.isIntegralNumber()
                    || !value.canConvertToLong()
                    || value.longValue() < 1
                    || value.longValue() > most) {
                error(
                        name,
                        "invalid_number",
                        "%s has to be a whole number from 1 to %d, not %s".formatted(name, most, quoted(value)));
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
                        "time_zone has to be an IANA name such as Europe/Moscow, not '" + FieldErrors.quoted(name)
                                + "'");
            }
            return name;
        }

        /** A secret for the webhook's way to be let in, where one is named, and what is kept of it. */
        void newSecret(Map<String, Object> parameters) {
            var auth = parameters.get("auth");
            var bits = SecretGenerator.bits();
            var secret = auth == null
                    ? null
                    : auth.equals(SIGNED) ? SecretGenerator.signing(bits) : SecretGenerator.sent(bits);
            parameters.put("secret", secret);
            parameters.put("secret_hash", secret == null ? null : SecretGenerator.hash(secret));
            parameters.put(
                    "signing_key",
                    SIGNED.equals(auth) ? cipher.encryptSigningKey((UUID) parameters.get("id"), bits) : null);
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
    }

    private static String sorted(Set<String> names) {
        return String.join(", ", new TreeSet<>(names));
    }
}
