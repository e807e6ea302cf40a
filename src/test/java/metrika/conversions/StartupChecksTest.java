package metrika.conversions;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.auth.TokenEncryption;
import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** Settings that are missing or wrong are named with their values and a way out, before anything is begun. */
class StartupChecksTest {

    private static final String TOKEN = "an-admin-token-of-length";
    private static final String KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private static final String KEY_OF_DEV = "ZGV2IG9ubHk6IGtub3duIHRvIGV2ZXJ5b25lISEhISE=";

    @TempDir
    private Path folder;

    /** The settings that are shipped, and these. */
    private Settings settings(String profile, String... lines) throws IOException {
        Files.writeString(
                folder.resolve("application.properties"),
                Files.readString(Path.of("application.properties")) + "\ncamel.main.profile=" + profile + "\n"
                        + String.join("\n", lines) + "\n");
        if (profile.equals("dev")) {
            Files.writeString(folder.resolve("application-dev.properties"), "data.directory=" + folder + "\n");
        }
        return Settings.in(folder);
    }

    /** What a start with these lines is refused with. */
    private AbstractStringAssert<?> refused(String profile, String... lines) throws IOException {
        var settings = settings(profile, lines);
        var refused = catchThrowableOfType(SettingException.class, () -> StartupChecks.ofSettings(settings));
        assertThat(refused).as("it is refused").isNotNull();
        return assertThat(refused.getMessage());
    }

    @Test
    void whatIsShippedPassesInDev() throws IOException {
        var settings = settings("dev");
        assertThatCode(() -> StartupChecks.ofSettings(settings)).doesNotThrowAnyException();
    }

    @Test
    void prodSaysWhichSettingsAreMissingAndHowToMakeThem() throws IOException {
        refused("prod")
                .contains(
                        "DATABASE_URL",
                        "ADMIN_TOKEN",
                        "openssl rand -hex 32",
                        "ENCRYPTION_KEY",
                        "openssl rand -base64 32");
        refused("prod", "database.url=jdbc:postgresql://x/", "admin.token=" + TOKEN, "encryption.key=" + KEY_OF_DEV)
                .contains("encryption.key", "profile dev");
        refused("prod", "database.url=jdbc:postgresql://x/", "admin.token=short", "encryption.key=" + KEY)
                .contains("admin.token", "16");
        var given =
                settings("prod", "database.url=jdbc:postgresql://x/", "admin.token=" + TOKEN, "encryption.key=" + KEY);
        assertThatCode(() -> StartupChecks.ofSettings(given)).doesNotThrowAnyException();
    }

    @Test
    void aWeakTokenOfAnAdministratorIsNamed() throws IOException {
        refused("dev", "admin.tokens=anna:short")
                .contains("The token of anna", "ADMIN_TOKENS", "16", "openssl rand -hex 32");
    }

    @Test
    void aSourceThatIsNotSetUpStopsNothing() throws IOException {
        var settings = settings(
                "dev",
                "inbound.kafka.enabled=true",
                "inbound.x.schedule=soon",
                "inbound.x.password={{file:not-here}}",
                "inbound.y.enabled=yes");
        assertThatCode(() -> StartupChecks.ofSettings(settings)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "upload.lease=soon",
                "upload.settle=1m",
                "upload.relink=P1D,soon",
                "upload.relink=P1D,",
                "retention.error=30",
                "upload.lease=pt15s"
            })
    void whatIsNoSpanIsNamed(String line) throws IOException {
        refused("dev", line).contains(line.split("=")[0] + " is '", "PT1M or P1D is expected");
    }

    @Test
    void batchesAreKeptForAsLongAsARequestMayBeRepeated() throws IOException {
        refused("dev", "retention.batches=P1M").contains("retention.batches is 'P1M'", "P62D", "Idempotency-Key");
    }

    @Test
    void aKeyThatIsNoneIsNotQuoted() {
        assertThatThrownBy(() -> new TokenEncryption("abc"))
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll("encryption.key", "openssl rand -base64 32")
                .hasMessageNotContaining("abc");
    }

    @Test
    void aPortOfTheManagementThatIsTakenIsNamed() throws IOException {
        try (var taken = new ServerSocket(0)) {
            var settings = settings("prod", "management.host=0.0.0.0", "management.port=" + taken.getLocalPort());
            assertThatThrownBy(() -> StartupChecks.checkManagementPort(settings))
                    .isInstanceOf(SettingException.class)
                    .hasMessageContainingAll("management.port", String.valueOf(taken.getLocalPort()));
        }
    }
}
