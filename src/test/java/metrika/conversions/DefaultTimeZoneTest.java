package metrika.conversions;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Base64;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.api.WebhookRequest;
import metrika.conversions.auth.TokenEncryption;
import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The time zone that an installation gives to webhooks which name none. */
class DefaultTimeZoneTest {

    @TempDir
    private Path directory;

    private void start(String zone) throws IOException {
        Files.writeString(
                directory.resolve("application.properties"),
                Files.readString(Path.of("application.properties"))
                        .replace("webhooks.default-time-zone=UTC", "webhooks.default-time-zone=" + zone));
        StartupChecks.checkRules(Settings.in(directory));
    }

    private static String created(String zone, String fields) {
        var cipher = new TokenEncryption(Base64.getEncoder().encodeToString(new byte[32]));
        var body = "{\"name\": \"t\", \"counter_id\": 1, \"token\": \"t\"%s}".formatted(fields);
        return (String) new WebhookRequest(cipher, 60, Duration.ZERO, ZoneId.of(zone), false)
                .readNew(body.getBytes(StandardCharsets.UTF_8))
                .get("time_zone");
    }

    @Test
    void aWebhookThatNamesNoneGetsIt() {
        assertThat(created("Europe/Moscow", "")).isEqualTo("Europe/Moscow");
        assertThat(created("Europe/Moscow", ", \"time_zone\": \"Asia/Tomsk\"")).isEqualTo("Asia/Tomsk");
        assertThat(created("UTC", "")).isEqualTo("UTC");
    }

    @Test
    void oneThatThereIsNotIsNamedAtTheStart() throws IOException {
        start("Europe/Moscow");
        for (var wrong : new String[] {"Moscow", "+03:00", "europe/moscow", "UTC+3"}) {
            assertThatThrownBy(() -> start(wrong))
                    .isInstanceOf(SettingException.class)
                    .hasMessage("webhooks.default-time-zone is '%s': an IANA name such as Europe/Moscow is expected"
                            .formatted(wrong));
        }
    }
}
