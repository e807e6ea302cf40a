package metrika.conversions;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Which profile a start has, and what is looked at before it. */
@Isolated("it sets properties of the process")
class SettingsTest {

    @TempDir
    private Path directory;

    @AfterEach
    void clear() {
        System.clearProperty("camel.main.profile");
    }

    private Settings settings(String base, String dev) throws IOException {
        Files.writeString(directory.resolve("application.properties"), base);
        if (dev != null) {
            Files.writeString(directory.resolve("application-dev.properties"), dev);
        }
        return Settings.in(directory);
    }

    @ParameterizedTest
    @CsvSource({
        "'',false,prod",
        "dev,false,prod",
        "prod,false,prod",
        "staging,false,staging",
        "'',true,dev",
        "dev,true,dev",
        "prod,true,prod",
        "staging,true,staging"
    })
    void withoutItsOwnFileNothingRunsAsDevForWantOfAWord(String line, boolean hasDevFile, String profile)
            throws IOException {
        assertThat(settings("camel.main.profile=" + line, hasDevFile ? "" : null)
                        .profile())
                .isEqualTo(profile);
    }

    @Test
    void theFilesAsTheyAreShippedSaySo() throws IOException {
        Files.copy(Path.of("application.properties"), directory.resolve("application.properties"));
        var installed = Settings.in(directory);
        assertThat(installed.profile()).isEqualTo("prod");
        assertThat(installed.isProdForWantOfDev()).isTrue();
        assertThatThrownBy(() -> StartupChecks.check(installed))
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll("profile prod", "application-dev.properties is not here", "ADMIN_TOKEN");
        Files.copy(Path.of("application-dev.properties"), directory.resolve("application-dev.properties"));
        assertThat(Settings.in(directory).profile()).isEqualTo("dev");
        assertThat(Settings.in(directory).text("http.host")).isEqualTo("127.0.0.1");
    }

    @Test
    void devListensOnLoopbackWhateverFilesSay() throws IOException {
        System.setProperty("camel.main.profile", "dev");
        assertThat(settings("http.host=0.0.0.0", null).text("http.host")).isEqualTo("127.0.0.1");
        assertThat(settings("http.host=0.0.0.0", "http.host=0.0.0.0").text("http.host"))
                .isEqualTo("127.0.0.1");
        System.setProperty("camel.main.profile", "prod");
        assertThat(settings("http.host=0.0.0.0", "http.host=127.0.0.1").text("http.host"))
                .isEqualTo("0.0.0.0");
    }

    @Test
    void anEmptyVariableIsNone() throws IOException {
        System.setProperty("camel.main.profile", " ");
        assertThat(settings("camel.main.profile=prod", "").profile()).isEqualTo("prod");
    }

    @Test
    void aFileThatCannotBeReadIsNamed() throws IOException {
        Files.write(directory.resolve("application.properties"), "x=ц".getBytes("windows-1251"));
        assertThatThrownBy(() -> Settings.in(directory)).hasMessageContainingAll("application.properties is not UTF-8");
        Files.createDirectory(directory.resolve("application-dev.properties"));
        assertThatThrownBy(() -> settings("", null))
                .hasMessageContainingAll("application-dev.properties cannot be read: it is a folder");
        Files.write(directory.resolve("application.properties"), "x=\\uXY".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> Settings.in(directory)).hasMessageContaining("application.properties cannot be read");
    }

    @ParameterizedTest
    @CsvSource({
        "'*/5 * * * *','0 */5 * * * ?'",
        "'0 3 * * *','0 0 3 * * ?'",
        "'*/5 * * * 1','six fields'",
        "soon,'six fields'",
        "'0 0 0 1 1 ? 2020','never comes again'",
        "'0 0 0 * * *','six fields'",
        "'0 0 0 31 2 ?','never comes again'"
    })
    void aScheduleThatIsNoneIsToldWithWhatIsExpected(String value, String told) throws IOException {
        for (var name : new String[] {"upload.schedule", "poll.schedule", "retention.schedule", "of.ours.schedule"}) {
            var settings = settings(name + "=" + value, null);
            assertThatThrownBy(() -> Schedules.check(settings))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContainingAll(name + " is '" + value + "'", told, "0 0/5 * * * ?")
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void theSchedulesOfTheProductAreSome() {
        Schedules.check(Settings.in(Path.of("")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"foo", "api-metrika.yandex.net", "localhost:8080", "ftp://x", "http://", "http:// x", "https:/x"
            })
    void whatIsNoUrlIsTold(String value) throws IOException {
        for (var name : new String[] {"metrika.url", "public.url"}) {
            var settings = settings(name + "=" + value, null);
            assertThatThrownBy(() -> StartupChecks.checkUrls(settings))
                    .hasMessageContainingAll(name + " is '" + value + "'", "https://");
        }
    }

    @Test
    void aFolderThatCannotBeWrittenToIsTold() throws IOException {
        System.setProperty("camel.main.profile", "dev");
        var file = Files.writeString(directory.resolve("file"), "");
        var data = settings("data.directory=%s\nmetrika.url=http://x".formatted(file), null);
        assertThatThrownBy(() -> StartupChecks.checkFolders(data))
                .hasMessageContainingAll("data.directory is '" + file, "database.url");
        var simulator = settings("database.url=x\nsimulator.directory=%s/sub".formatted(file), null);
        assertThatThrownBy(() -> StartupChecks.checkFolders(simulator))
                .hasMessageContainingAll("simulator.directory is '" + file, "metrika.url");
        StartupChecks.checkFolders(settings("database.url=x\nmetrika.url=http://x", null));
    }
}
