package metrika.simulator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static metrika.simulator.MetrikaClient.FILE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RestartTest {
    @TempDir
    Path directory;

    private SimulatorSettings settings() {
        return SimulatorSettings.defaults().withDirectory(directory).withStep(Duration.ofHours(1));
    }

    @Test
    void goesOnWhereItStopped() {
        List<ReceivedUpload> before;
        try (Simulator first = new Simulator(settings()).start()) {
            MetrikaClient metrika = new MetrikaClient(first.url());
            metrika.upload("one", FILE);
            metrika.upload("two", FILE);
            first.advance(Duration.ofHours(2));
            before = first.uploads();
            assertThat(before).extracting(ReceivedUpload::status).containsExactly("MATCHED", "MATCHED");
        }
        try (Simulator second = new Simulator(settings()).start()) {
            assertThat(second.uploads()).isEqualTo(before);
            assertThat(second.file(before.get(0).id())).asString().isEqualTo(FILE);
            assertThat(second.now())
                    .as("its clock does not go back")
                    .isAfterOrEqualTo(before.get(1).statusSince());
            second.advance(Duration.ofHours(1));
            assertThat(second.uploads()).extracting(ReceivedUpload::status).containsExactly("PROCESSED", "PROCESSED");
            long third = new MetrikaClient(second.url()).upload(FILE).id();
            assertThat(third).isGreaterThan(before.get(1).id());
        }
    }

    @Test
    void keepsTheStatusThatATestGave() {
        try (Simulator first = new Simulator(settings()).start()) {
            first.finish(new MetrikaClient(first.url()).upload(FILE).id(), "LINKAGE_FAILURE");
        }
        try (Simulator second = new Simulator(settings()).start()) {
            assertThat(second.uploads()).singleElement().satisfies(upload -> {
                assertThat(upload.status()).isEqualTo("LINKAGE_FAILURE");
                assertThat(upload.userNotFound()).isEqualTo(1);
            });
        }
    }

    @Test
    void sweepsAwayWhatWasNeverFinished() throws IOException {
        Files.writeString(directory.resolve("incoming-1.part"), "half");
        Files.writeString(directory.resolve("17.csv"), FILE);
        Files.writeString(directory.resolve("notes.txt"), "not the simulator's");
        try (Simulator simulator = new Simulator(settings()).start()) {
            assertThat(simulator.uploads()).isEmpty();
            assertThat(directory.toFile().list()).containsExactly("notes.txt");
        }
    }

    @Test
    void writesNoTokenToDisk() throws IOException {
        try (Simulator simulator = new Simulator(settings()).start()) {
            long id = new MetrikaClient(simulator.url()).upload(FILE).id();
            assertThat(directory.resolve(id + ".json")).content().doesNotContain(MetrikaClient.TOKEN);
            assertThat(directory.resolve(id + ".csv")).hasContent(FILE);
        }
    }

    @Test
    void saysWhenThePortIsTaken() {
        try (Simulator first = new Simulator(settings()).start();
                Simulator second = new Simulator(settings().withPort(first.port()))) {
            assertThatThrownBy(second::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("127.0.0.1:" + first.port());
        }
    }

    @Test
    void startsAgainOnTheSamePort() {
        int port;
        try (Simulator first = new Simulator(settings()).start()) {
            port = first.port();
            new MetrikaClient(first.url()).goals();
            assertThatThrownBy(first::start).hasMessageContaining("before");
        }
        try (Simulator second = new Simulator(settings().withPort(port)).start()) {
            assertThat(new MetrikaClient(second.url()).goals().status()).isEqualTo(200);
            assertThatThrownBy(() -> second.settings(second.settings().withPort(1)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
