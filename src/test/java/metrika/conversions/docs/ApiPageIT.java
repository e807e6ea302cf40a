package metrika.conversions.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.support.PageBlocks;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;

import static org.assertj.core.api.Assertions.assertThat;

/** The commands of docs/api.md, in their order. Its Russian page has the same ones. */
class ApiPageIT {

    private static final Product PRODUCT = Shared.PRODUCT;

    @Test
    void theCommandsDoWhatThePageSays(@TempDir Path directory) throws IOException, InterruptedException {
        var commands = String.join("echo\n", PageBlocks.of("docs/api.md", "bash"));
        var webhook = PRODUCT.webhook(521);
        var signed = PRODUCT.webhook(
                "{\"name\": \"test\", \"counter_id\": 522, \"token\": \"t\", \"auth\": \"standard-webhooks\"}");
        var output = directory.resolve("output");
        var builder = new ProcessBuilder("bash", "-ec", commands)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("API", "http://localhost:" + PRODUCT.port());
        builder.environment().put("WEBHOOK", webhook.id());
        builder.environment().put("SECRET", webhook.secret());
        builder.environment().put("ADMIN_TOKEN", "none-is-needed-in-dev");
        builder.environment().put("SIGNED", signed.id());
        builder.environment().put("SIGNING_SECRET", signed.secret());
        var process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        var shown = Files.readAllLines(output);
        assertThat(shown).hasSize(6);
        assertThat(shown.get(0)).contains("\"status\":\"accepted\",\"accepted_count\":2");
        assertThat(shown.get(1))
                .contains("\"counter_id\":521")
                .endsWith("\"name\":\"Order paid\",\"type\":\"action\",\"target\":\"order_paid\"}");
        assertThat(shown.get(2)).contains("\"status\":\"valid\"", "1234567890.1234567890,,,order123,purchase,");
        assertThat(shown.get(3)).contains("\"total\":2");
        assertThat(shown.get(4)).isEqualTo("{\"refused\":[],\"next\":null}");
        assertThat(shown.get(5)).contains("\"status\":\"accepted\",\"accepted_count\":2");
    }
}
