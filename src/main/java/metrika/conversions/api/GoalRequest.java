package metrika.conversions.api;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.Variable;

import metrika.conversions.auth.WebhookRepository;
import metrika.conversions.delivery.MetrikaErrorClass;
import metrika.conversions.delivery.MetrikaException;
import metrika.conversions.ids.Uuids;
import metrika.conversions.intake.IdentifierRules;
import metrika.conversions.problem.FieldErrors;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.text.StorableText;

/** A goal that an administrator wants the webhook's counter to have, and the answer to that. */
public final class GoalRequest {

    private static final String TARGET = "target";
    private static final String NAME = "name";
    private static final Set<String> FIELDS = Set.of(TARGET, NAME);
    /** Of Metrika itself. */
    private static final int MAX_CHARACTERS = 255;

    private static final Duration PAUSE = Duration.ofSeconds(5);
    /**
     * @param body a JSON object with {@code target} and perhaps {@code name}
     * @param id the webhook's id, of the path
     * @return the webhook's id, the goal's identifier and name, and the fields that were given, for the audit
     * @throws ProblemException 400 with all that is wrong, 404 when the id is none
     */
    public Map<String, Object> read(@Body byte[] body, @Header("webhook_id") String id) {
        var json = Json.object(body);
        var errors = new FieldErrors();
        var given = new ArrayList<String>();
        json.fieldNames().forEachRemaining(field -> {
            given.add(field);
            if (!FIELDS.contains(field)) {
                errors.unknown(field, "name, target");
            }
        });
        var target = text(TARGET, json, errors);
        if (target != null) {
            IdentifierRules.faultOfTarget(target).ifPresent(fault -> errors.add(TARGET, fault.code(), fault.message()));
        } else if (errors.count() == 0) {
            errors.add(TARGET, "required", "target is required: the identifier that conversions are to name");
        }
        var name = text(NAME, json, errors);
        if (errors.count() > 0) {
            throw ProblemException.of(400, "This does not say which goal to create", errors.toList());
        }
        var form = new LinkedHashMap<String, Object>();
        form.put("id", Uuids.parse(id).orElseThrow(() -> WebhookRepository.unknown(id)));
        form.put(TARGET, target);
        form.put(NAME, name == null ? target : name);
        form.put("fields", "{" + String.join(",", given) + "}");
        return form;
    }

    private static String text(String field, JsonNode json, FieldErrors errors) {
        var text = Json.text(json, field, errors);
        if (text == null) {
            return null;
        }
        if (text.isBlank()) {
            errors.add(field, "required", field + " must not be empty");
        } else if (!StorableText.isStorable(text)) {
            errors.add(field, "invalid_characters", field + " holds U+0000 or half a surrogate pair, which is no text");
        } else if (text.codePointCount(0, text.length()) > MAX_CHARACTERS) {
            errors.add(field, "too_long", "%s has more than %d characters".formatted(field, MAX_CHARACTERS));
        } else {
            return text;
        }
        return null;
    }

    /**
     * Leaves the webhook's counter and token in the variable {@code metrika-account}.
     *
     * @param rows of {@code find-metrika-account.sql}
     * @throws ProblemException 404 when there is no such webhook
     */
    public void takeAccount(Exchange exchange, @Body List<Map<String, ?>> rows, @Variable("form") Map<String, ?> form) {
        if (rows.isEmpty()) {
            throw WebhookRepository.unknown(form.get("id"));
        }
        exchange.setVariable("metrika-account", rows.get(0));
        exchange.getMessage().setBody(null);
    }

    /**
     * Answers with the goal, 201 when it is new.
     *
     * @param outcome the goal, what went wrong, or nothing when Metrika took too long
     * @throws ProblemException 409 when Metrika refuses, as it would again; 503 for what passes
     */
    public void answer(Exchange exchange, @Body Object outcome, @Variable("metrika-account") Map<String, ?> account)
            throws Exception {
        if (outcome instanceof Exception failure) {
            throw problem(failure, account);
        }
        if (!(outcome instanceof Map<?, ?> goal)) {
            throw away("");
        }
        var shown = new LinkedHashMap<Object, Object>(goal);
        var isNew = Boolean.TRUE.equals(shown.remove("is_new"));
        var message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, isNew ? 201 : 200);
        message.setBody(Json.write(shown));
    }

    /** The failure itself when it is a fault of ours. */
    private static Exception problem(Exception failure, Map<String, ?> account) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof MetrikaException fault) {
                return problem(fault, account);
            }
            if (cause instanceof IOException || cause instanceof RejectedExecutionException) {
                return away("");
            }
        }
        return failure;
    }

    private static ProblemException problem(MetrikaException fault, Map<String, ?> account) {
        if (fault.errorClass() == MetrikaErrorClass.REJECTED || fault.errorClass() == MetrikaErrorClass.ACCESS_LOST) {
            return ProblemException.of(
                    409,
                    "%sThe goal is not created. The webhook's token has to be allowed to edit the counter %s"
                            .formatted(fault.answer(), account.get("counter_id")));
        }
        var problem = away(fault.answer());
        return fault.pause() == null ? problem : problem.retryAfter(fault.pause());
    }

    private static ProblemException away(String answer) {
        return ProblemException.of(
                        503,
                        answer
                                + "Metrika is away, takes too long or has no call left for it. Nothing is created twice: send the "
                                + "same request again, it returns the goal that is there")
                .retryAfter(PAUSE);
    }
}
