package metrika.conversions.api;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.problem.Json;
import metrika.conversions.support.TestWebhook;

import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds the described rules of requests to the server's own: what the one takes the other takes. Rules that a schema
 * cannot say are left out: times in the future, codes that are no currency, names that are no time zone, names given
 * twice.
 */
class OpenApiRequestIT {

    private static final ApiDescription API = new ApiDescription();
    private static final TestWebhook WEBHOOK = PRODUCT.webhook(72_000);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'target': null}",
                "{'target': ''}",
                "{'target': ' '}",
                "{'target': 'a b, c'}",
                "{'target': 7}",
                "{'target': 'a/b'}",
                "{'target': 'a=b'}",
                "{'target': 'a\\\\b'}",
                "{'target': '\"'}",
                "{'target': 'цель: заказ'}",
                "{'date_time': null}",
                "{'date_time': ''}",
                "{'date_time': 1751373296}",
                "{'date_time': '2025-07-01'}",
                "{'date_time': '2025-07-01 12:34:56'}",
                "{'date_time': '2025-07-01T12:34'}",
                "{'date_time': '2025-07-01T12:34:56.5'}",
                "{'date_time': '2025-07-01T12:34:56,123456789012Z'}",
                "{'date_time': '2025-07-01t12:34:56z'}",
                "{'date_time': '2025-07-01T12:34:56+03'}",
                "{'date_time': '2025-07-01T12:34:56+0300'}",
                "{'date_time': '2025-07-01T12:34:56+03:00'}",
                "{'date_time': '2025-07-01T12:34:56+3'}",
                "{'date_time': '01.07.2025 12:34'}",
                "{'client_id': ''}",
                "{'client_id': ' '}",
                "{'client_id': null}",
                "{'client_id': '', 'user_id': 'u'}",
                "{'client_id': ' 1'}",
                "{'user_id': 'u\\n'}",
                "{'user_id': 'a\\nb'}",
                "{'client_id': '1 2'}",
                "{'yclid': '1\\n2'}",
                "{'user_id': 'a b'}",
                "{'user_id': 'a\u200bb'}",
                "{'user_id': 'a\u00a0b'}",
                "{'purchase_id': '\ufeffa'}",
                "{'target': 'a '}",
                "{'target': 'a\\nb'}",
                "{'target': 'a\u00ad'}",
                "{'client_id': 'undefined'}",
                "{'user_id': 'NULL'}",
                "{'user_id': 'NaN'}",
                "{'user_id': 'nobody'}",
                "{'user_id': '{{user}}'}",
                "{'target': 'null'}",
                "{'client_id': '=1'}",
                "{'purchase_id': 'a=1'}",
                "{'client_id': '1.33591E17'}",
                "{'client_id': 'GA1.2.abc'}",
                "{'client_id': '123.0'}",
                "{'user_id': '123.0'}",
                "{'user_id': '1%2'}",
                "{'client_id': 0}",
                "{'client_id': 999999999999999}",
                "{'client_id': 1000000000000000}",
                "{'client_id': -1}",
                "{'client_id': 1.5}",
                "{'client_id': true}",
                "{'client_id': '1.33591E+17'}",
                "{'client_id': '1,33591E+17'}",
                "{'client_id': '1234567890.1234567890'}",
                "{'user_id': null}",
                "{'user_id': []}",
                "{'yclid': '12345678901234567890'}",
                "{'purchase_id': {}}",
                "{'purchase_id': 'order 123'}",
                "{'purchase_id': null}",
                "{'unknown': {'a': [1]}}",
                "{'price': null}",
                "{'price': 0}",
                "{'price': -5.5}",
                "{'price': 1e3}",
                "{'price': '19.90'}",
                "{'price': '-1'}",
                "{'price': '-0'}",
                "{'price': -0.0}",
                "{'price': -0.01}",
                "{'price': ''}",
                "{'price': '1,5'}",
                "{'price': '1e3'}",
                "{'price': '+1'}",
                "{'price': '.5'}",
                "{'price': true}",
                "{'price': '12345678901234567890.1234567890'}",
                "{'price': '123456789012345678901'}",
                "{'price': '0.12345678901'}",
                "{'currency': null}",
                "{'currency': 'RUB'}",
                "{'currency': 'rub'}",
                "{'currency': ''}",
                "{'currency': 643}"
            })
    void conversionsAreTakenAsDescribed(String fields) {
        var body = "{\"conversions\": [" + conversion(flat(fields)) + "]}";
        agree("send-conversions", body, 200, "dry_run=true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"client_id", "user_id", "yclid", "purchase_id", "target"})
    void textsAreAsLongAsDescribed(String field) {
        var webhook = PRODUCT.webhook(72_001); // another test switches the other one off
        for (var length : List.of(255, 256)) {
            agree(
                    webhook,
                    "send-conversions",
                    "{\"conversions\": [" + conversion(field, "7".repeat(length)) + "]}",
                    200,
                    "dry_run=true");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "[]",
                "1",
                "{}",
                "{'conversions': null}",
                "{'conversions': {}}",
                "{'conversions': []}",
                "{'conversions': [null]}",
                "{'conversions': [[]]}"
            })
    void whatIsNoListOfConversionsIsRefusedAsDescribed(String body) {
        agree("send-conversions", body.replace('\'', '"'), 200, "dry_run=true");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'name': ''}",
                "{'name': ' '}",
                "{'name': null}",
                "{'name': 5}",
                "{'name': 'Касса'}",
                "{'counter_id': 0}",
                "{'counter_id': -1}",
                "{'counter_id': 1.5}",
                "{'counter_id': '1'}",
                "{'counter_id': null}",
                "{'counter_id': 9007199254740993}",
                "{'token': ''}",
                "{'token': 'a b'}",
                "{'token': 'токен'}",
                "{'token': null}",
                "{'token': 1}",
                "{'description': null}",
                "{'description': ''}",
                "{'description': 5}",
                "{'time_zone': null}",
                "{'time_zone': 'Europe/Moscow'}",
                "{'time_zone': 3}",
                "{'requests_per_minute': null}",
                "{'requests_per_minute': 0}",
                "{'requests_per_minute': 1000000}",
                "{'requests_per_minute': 1000001}",
                "{'requests_per_minute': 1.5}",
                "{'is_active': false}",
                "{'webhook_id': '1'}",
                "{'auth': 'secret'}",
                "{'auth': 'standard-webhooks'}",
                "{'auth': 'basic'}",
                "{'auth': null}",
                "{'auth': ''}",
                "{'auth': 1}"
            })
    void webhooksAreTakenAsDescribed(String fields) {
        var form = new HashMap<String, Object>(Map.of("name", "test", "counter_id", 72_000, "token", "token-72000"));
        form.putAll(map(fields));
        agree("create-webhook", Json.write(form), 201, "");
        agree("update-webhook", fields.replace('\'', '"'), 200, "");
    }

    private static void agree(String operation, String body, int success, String query) {
        agree(WEBHOOK, operation, body, success, query);
    }

    private static void agree(TestWebhook webhook, String operation, String body, int success, String query) {
        var described = API.operation(operation);
        var answer = new ApiCall(described, webhook).query(query).body(body).send();
        assertThat(answer.status()).as("%s", answer).isIn(success, 400);
        assertThat(described.requestFaults(json(body)).isEmpty())
                .as("%s takes %s, by its schema; the server: %s", operation, body, answer)
                .isEqualTo(answer.status() == success);
    }

    private static Object[] flat(String fields) {
        return map(fields).entrySet().stream()
                .flatMap(entry -> Stream.of(entry.getKey(), entry.getValue()))
                .toArray();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(String fields) {
        return Json.MAPPER.convertValue(json(fields.replace('\'', '"').replace("\"\"\"", "\"\\\"\"")), Map.class);
    }

    private static JsonNode json(String text) {
        try {
            return Json.MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
