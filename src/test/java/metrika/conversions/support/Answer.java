package metrika.conversions.support;

import java.net.http.HttpResponse;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** An answer of the product. */
public record Answer(HttpResponse<String> response) {

    private static final ObjectMapper JSON = new ObjectMapper();

    public int status() {
        return response.statusCode();
    }

    public String body() {
        return response.body();
    }

    /** A response header, or an empty text. */
    public String header(String name) {
        return response.headers().firstValue(name).orElse("");
    }

    public JsonNode json() {
        try {
            return JSON.readTree(body());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(toString(), e);
        }
    }

    /** A field of the JSON object that is the body, as text. */
    public String text(String field) {
        return json().path(field).asText();
    }

    @Override
    public String toString() {
        return status() + " " + response.headers().map() + "\n" + body();
    }
}
