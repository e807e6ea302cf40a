package metrika.conversions.api;

import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

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

/**
 * What administrators say of a webhook, checked and made into the parameters of {@code insert-webhook.sql},
 * {@code update-webhook.sql} and {@code rotate-secret.sql}. All that is wrong is reported at once.
 */
public final class WebhookRequest {

    private static final Duration LONGEST_GRACE = Duration.ofDays(366);

    private final TokenEncryption cipher;
    private final int defaultRequestsPerMinute;
    private final Duration defaultGrace;
    private final ZoneId defaultTimeZone;
    private final boolean isPrivateAllowed;

    /** @param isPrivateAllowed whether callbacks may be at private addresses */
    public WebhookRequest(
            TokenEncryption cipher,
            int defaultRequestsPerMinute,
            Duration defaultGrace,
            ZoneId defaultTimeZone,
            boolean isPrivateAllowed) {
        this.cipher = cipher;
        this.defaultRequestsPerMinute = defaultRequestsPerMinute;
        this.defaultGrace = defaultGrace;
        this.defaultTimeZone = defaultTimeZone;
        this.isPrivateAllowed = isPrivateAllowed;
    }

    /**
     * Reads the body of a creation.
     *
     * @param actor who creates it, for the audit; with {@code address}, where from
     * @return the parameters of {@code insert-webhook.sql}, and besides {@code secret} and, with a callback,
     *     {@code callback_secret}, to be shown this once
     * @throws ProblemException 400 with all that is wrong
     */
    public Map<String, Object> readNew(@Body byte[] body) {
        var fields = new WebhookFields(
                cipher,
                body,
                Set.of(
                        "name",
                        "counter_id",
                        "token",
                        "description",
                        "time_zone",
                        "requests_per_minute",
                        "auth",
                        "callback_url"));
        fields.require("name", "counter_id", "token");
        var parameters = fields.parameters(UUID.randomUUID(), isPrivateAllowed);
        parameters.putIfAbsent("time_zone", defaultTimeZone.getId());
        parameters.putIfAbsent("requests_per_minute", defaultRequestsPerMinute);
        if (parameters.putIfAbsent("auth", WebhookFields.SENT) == null) {
            fields.newSecret(parameters);
        }
        return parameters;
    }

    /**
     * Reads the body of a PATCH. A field that is not named stays as it is; only a description can be removed, by null.
     *
     * @param id the webhook's id, of the path
     * @return the parameters of {@code update-webhook.sql}, and {@code secret}, to be shown this once where the kind of
     *     authentication changes, and {@code callback_secret} where a callback is set; what is not to change is
     *     {@code null}
     * @throws ProblemException 400 with all that is wrong, 404 when the id is none
     */
    public Map<String, Object> readChange(@Body byte[] body, @Header("webhook_id") String id) {
        var fields = new WebhookFields(
                cipher,
                body,
                Set.of(
                        "name",
                        "counter_id",
                        "token",
                        "description",
                        "time_zone",
                        "requests_per_minute",
                        "is_active",
                        "auth",
                        "callback_url"));
        var parameters =
                fields.parameters(Uuids.parse(id).orElseThrow(() -> WebhookRepository.unknown(id)), isPrivateAllowed);
        parameters.put("grace", defaultGrace.toString());
        return parameters;
    }

    /** The answer to a PATCH that gave the webhook a new secret: the webhook as it is shown, JSON, and the secret. */
    public String addSecret(@Body String webhook, @Variable("form") Map<String, ?> form) {
        return with(webhook, "secret", form);
    }

    /** The answer to a request that set a callback: what it was without, JSON, and the callback's secret. */
    public String addCallbackSecret(@Body String webhook, @Variable("form") Map<String, ?> form) {
        return with(webhook, "callback_secret", form);
    }

    private static String with(String json, String name, Map<String, ?> form) {
        return "%s,\"%s\":%s}".formatted(json.substring(0, json.length() - 1), name, Json.write(form.get(name)));
    }

    /**
     * Adds what the check of the counter warns of to the answer of a creation or a change.
     *
     * @param answer a JSON object
     * @param warnings a JSON array, or {@code null}
     */
    public String addWarnings(@Body String answer, @Variable("warnings") String warnings) {
        return warnings == null ? answer : answer.substring(0, answer.length() - 1) + ",\"warnings\":" + warnings + "}";
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
}
