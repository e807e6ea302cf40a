package metrika.conversions.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Values of settings that come from elsewhere, as Java and Camel see them. */
class PlaceholdersTest {

    private static final String SECRET = "s3cret-s3cret";

    @TempDir
    private Path directory;

    @AfterEach
    void clear() {
        System.clearProperty("placeholders.test");
        System.clearProperty("database.password");
    }

    private Settings settings(String... lines) throws IOException {
        Files.writeString(directory.resolve("application.properties"), String.join("\n", lines));
        return Settings.in(directory);
    }

    private Path secret(String content) throws IOException {
        return Files.writeString(directory.resolve("secret"), content);
    }

    @Test
    void theyAreReplacedByOtherSettingsVariablesPropertiesAndFiles() throws IOException {
        System.setProperty("placeholders.test", "of-a-property");
        var settings = settings(
                "database.user={{env:PATH}}",
                "admin.token={{sys:placeholders.test}}",
                "database.password={{file:%s}}".formatted(secret(SECRET + "\n")),
                "public.url=https://{{host}}{{?port}}/{{prefix:api}}",
                "host=conversions.example.com",
                "encryption.key={{file:?%s}}".formatted(directory.resolve("none")));
        assertThat(settings.find("database.user")).isEqualTo(System.getenv("PATH"));
        assertThat(settings.find("admin.token")).isEqualTo("of-a-property");
        assertThat(settings.find("database.password")).isEqualTo(SECRET);
        assertThat(settings.find("public.url")).isEqualTo("https://conversions.example.com/api");
        assertThat(settings.find("encryption.key")).isNull();
    }

    @Test
    void aValueThatWinsMayHaveThemToo() throws IOException {
        System.setProperty("database.password", "{{file:%s}}".formatted(secret(SECRET)));
        assertThat(settings("database.password=of-the-file").find("database.password"))
                .isEqualTo(SECRET);
    }

    @Test
    void bracesThatAreNoneStayAsTheyAre() throws IOException {
        assertThat(settings("database.password=a{{b").find("database.password")).isEqualTo("a{{b");
    }

    @Test
    void aFileThatIsMissingIsNamedWithTheSettingThatNeedsIt() throws IOException {
        var none = directory.resolve("none");
        var settings = settings("database.password={{file:%s}}".formatted(none));
        assertThatThrownBy(settings::checkFiles)
                .isInstanceOf(SettingException.class)
                .hasMessage(
                        "database.password is {{file:%s}}, which cannot be resolved: the file %s cannot be read: it is"
                                + " not there",
                        none, none);
    }

    /** A source whose password is missing is left out, and stops nobody else. */
    @Test
    void aFileThatASourceLacksIsToldOfTheSource() throws IOException {
        var settings = settings("inbound.acme.password={{file:%s}}".formatted(directory.resolve("none")));
        settings.checkFiles();
        assertThat(settings.fault("inbound.acme.password")).contains("inbound.acme.password is {{file:", "not there");
        assertThat(settings.fault("inbound.acme.host")).isNull();
    }

    @Test
    void messagesTellNothingOfTheValue() throws IOException {
        var settings = settings(
                "http.port={{file:%s}}".formatted(secret(SECRET)),
                "database.password=%s{{none}}".formatted(SECRET),
                "admin.token={{file:%s}}".formatted(Files.write(directory.resolve("bytes"), new byte[] {'s', -1})));
        assertThatThrownBy(() -> settings.number("http.port", 1, 65535))
                .hasMessage(
                        "http.port is '{{file:%s}}': a whole number from 1 to 65535 is expected",
                        directory.resolve("secret"));
        assertThatThrownBy(() -> settings.find("database.password"))
                .hasMessage(
                        "database.password is {{none}}, which cannot be resolved: there is no such setting, variable"
                                + " or secret");
        assertThatThrownBy(() -> settings.find("admin.token")).hasMessageContaining("it is not UTF-8");
    }

    @Test
    void camelReadsFilesByTheSameFunction() throws IOException {
        try (var context = new DefaultCamelContext()) {
            assertThat(context.resolvePropertyPlaceholders("{{file:%s}}".formatted(secret(SECRET + "\n"))))
                    .isEqualTo(SECRET);
        }
    }
}
