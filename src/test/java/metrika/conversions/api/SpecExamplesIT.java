package metrika.conversions.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.support.TestWebhook;

import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The examples of the API's description, as they stand there, letter by letter. */
class SpecExamplesIT {

    private static final Path EXAMPLES = Path.of("src/test/resources/examples");
    private static final String UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";
    /** Fields whose values are others at each run. */
    private static final Map<String, String> CHANGING = Map.of(
            "webhook_id",
            UUID,
            "batch_id",
            UUID,
            "secret",
            "[A-Za-z0-9_-]{43}",
            "url",
            "http://localhost:" + PRODUCT.port() + TestWebhook.PATH + "/" + UUID,
            "created_at",
            TIME,
            "updated_at",
            TIME,
            "metrika_upload_id",
            "\\d+");

    private static String example(String file) throws IOException {
        return Files.readString(EXAMPLES.resolve(file));
    }

    private static TestWebhook webhook() throws IOException {
        return PRODUCT.webhook(example("create.json"));
    }

    /** The example's fields, in its order and with its values, and besides them none but those named. */
    private static void assertLike(String file, JsonNode answer, String... also) throws IOException {
        var expected = new ObjectMapper().readTree(example(file));
        assertThat(answer.fieldNames())
                .toIterable()
                .filteredOn(name -> expected.has(name))
                .containsExactlyElementsOf(expected::fieldNames);
        assertThat(answer.fieldNames())
                .toIterable()
                .filteredOn(name -> !expected.has(name))
                .isSubsetOf(also);
        expected.properties().forEach(field -> {
            var value = answer.get(field.getKey());
            if (CHANGING.containsKey(field.getKey())) {
                assertThat(value.isTextual()).as(field.getKey()).isTrue();
                assertThat(value.textValue()).as(field.getKey()).matches(CHANGING.get(field.getKey()));
            } else {
                assertThat(value).as(field.getKey()).isEqualTo(field.getValue());
            }
        });
    }

    @Test
    void creation() throws IOException {
        var answer = PRODUCT.post(TestWebhook.PATH, example("create.json"));
        assertThat(answer.status()).isEqualTo(201);
        assertLike("created.json", answer.json());
        assertThat(answer.text("url")).endsWith("/" + answer.text("webhook_id"));
    }

    @Test
    void sendingAndStatus() throws IOException {
        var webhook = webhook();
        var answer = webhook.send(example("send.json"));
        assertThat(answer.status()).isEqualTo(200);
        assertLike("accepted.json", answer.json(), "warnings");
        var status = webhook.awaitStatus(answer.text("batch_id"), "completed");
        assertLike("completed.json", status, "linked", "unlinked");
        assertThat(status.get("batch_id")).isEqualTo(answer.json().get("batch_id"));
        assertThat(status.get("webhook_id").textValue()).isEqualTo(webhook.id());
    }

    @Test
    void thePythonClient(@TempDir Path directory) throws IOException, InterruptedException {
        assumeTrue(python(directory, "") != null, "python3 is not installed, so the Python client cannot be tried");
        var webhook = webhook();
        var program = example("client.py")
                .replace("https://api.example.com", "http://127.0.0.1:" + PRODUCT.port())
                .replace("550e8400-e29b-41d4-a716-446655440000", webhook.id())
                .replace("KzBWYXzDPrfzv3LpUhWBqNX8JQnbGc_wEKUzUhM7uyA", webhook.secret());
        var output = python(directory, program);
        assertThat(output)
                .matches("Batch ID: (" + UUID + ")\nStatus: accepted\nAccepted: 1\n"
                        + "Status: (accepted|pending|uploaded|processing|completed)\nProcessed: [01]/1\n");
        var batch = output.lines().findFirst().orElseThrow().substring("Batch ID: ".length());
        var question = "import requests\nresult = {'batch_id': '" + batch + "'}\n"
                + program.substring(program.indexOf("# Проверка статуса"));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> python(directory, question), "Status: completed\nProcessed: 1/1\n"::equals);
    }

    /** What a program prints, with the stand-in for requests where that is not installed; null without python3. */
    private static String python(Path directory, String program) throws IOException, InterruptedException {
        var output = directory.resolve("output");
        var file = Files.writeString(directory.resolve("program.py"), program);
        var builder = new ProcessBuilder("python3", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(Map.of("PYTHONDONTWRITEBYTECODE", "1", "NO_PROXY", "127.0.0.1"));
        if (!hasRequests()) {
            builder.environment()
                    .put(
                            "PYTHONPATH",
                            EXAMPLES.resolve("stand-in").toAbsolutePath().toString());
        }
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            return null;
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("the program ends").isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        return Files.readString(output);
    }

    private static boolean hasRequests() throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "-c", "import requests")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
