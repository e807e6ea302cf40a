package metrika.conversions.api;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.support.Answer;

import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;

/** What a browser gets to see. */
class WebPagesIT {

    private static Answer get(String path, String accept) {
        return PRODUCT.send(PRODUCT.request(path).header("Accept", accept));
    }

    private static void assertIsPage(Answer answer) {
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(answer.header("Content-Security-Policy"))
                .isEqualTo("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.body())
                .startsWith("<!DOCTYPE html>")
                .doesNotContain("<script", "src=", "<link", "@import", "url(");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "*/*", "text/*"})
    void theStartPageSaysWhatThisIsAndWhereToGoOn(String accept) {
        var answer = get("/", accept);
        assertIsPage(answer);
        assertThat(answer.body())
                .contains("metrika-conversions", "Яндекс", "href=\"/docs\"", "href=\"/openapi.yaml\"")
                .as("it does not run here")
                .doesNotContain("simulator");
    }

    @Test
    void whoWantsJsonIsToldThatThereIsNone() {
        var answer = get("/", "application/json");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    }

    @Test
    void theDescriptionOfTheApiIsReadable() {
        var answer = get("/docs", "text/html");
        assertIsPage(answer);
        assertThat(answer.body()).doesNotContain("$ref", "[object", "**");
        new ApiDescription()
                .operations()
                .forEach(operation -> assertThat(answer.body())
                        .contains("id=\"" + operation.id() + "\"", operation.method() + " " + operation.path()));
    }
}
