package metrika.conversions;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.settings.Settings;
import metrika.conversions.support.PageBlocks;

import static org.assertj.core.api.Assertions.assertThat;

/** The source for RabbitMQ in the pages about queues: nothing is wrong with it but that its component is not there. */
class QueuePageTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"docs/sources/queue.md", "docs/ru/sources/queue.md"})
    void theSourceForRabbitMqLacksItsComponentOnly(String page) throws Exception {
        var route = PageBlocks.with(page, "yaml", "id: in-bookings");
        // Settings that there are, in place of those that the page adds
        var file = Files.writeString(
                folder.resolve("in-bookings.camel.yaml"),
                route.replace("inbound.bookings.broker", "inbound.sftp-drop.host")
                        .replace("inbound.bookings.", "inbound.sftp-drop."));
        var out = new ByteArrayOutputStream();
        new CheckCommand(Settings.in(Path.of("")), new PrintStream(out, true, StandardCharsets.UTF_8))
                .run(CheckArguments.of(List.of(file.toString())));
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        file
                                + ", line 3: there is no class org.springframework.amqp.rabbit.connection.CachingConnectionFactory",
                        file + ", line 12: there is no component spring-rabbitmq in lib/ or ext/",
                        "2 faults");
    }
}
