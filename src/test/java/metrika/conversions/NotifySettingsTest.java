package metrika.conversions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A channel that is switched on and could tell nobody is told of at the start. */
class NotifySettingsTest {

    private static final String SECRET = "notify.secret=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    @TempDir
    private Path folder;

    private void check(String... lines) throws IOException {
        Files.writeString(
                folder.resolve("application.properties"),
                Files.readString(Path.of("application.properties")) + "\n" + String.join("\n", lines) + "\n");
        NotifySettings.check(Settings.in(folder));
    }

    @Test
    void noChannelAndEachOfThemWithItsSettingsAreTaken() {
        assertThatCode(() -> {
                    check();
                    check("notify.url=https://example.com/hook?key=1", SECRET);
                    check(
                            "notify.url=http://10.0.0.1/",
                            SECRET + " whsec_AAECAwQFBgcICQoLDA0ODw==",
                            "notify.allow-private-addresses=true");
                    check(
                            "notify.mail.to=a@example.com",
                            "notify.mail.from=b@example.com",
                            "notify.mail.host=mail.example.com");
                    check(
                            "notify.telegram.chat=-1",
                            "notify.telegram.token=1:a",
                            "notify.telegram.proxy=proxy.example.com:3128");
                    check("notify.language=en");
                })
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "notify.language=de                              | notify.language is 'de'",
                "notify.batches=yes                              | notify.batches is 'yes'",
                "notify.give-up=3 days                           | notify.give-up is '3 days'",
                "notify.url=https://example.com                  | notify.secret (NOTIFY_SECRET) is not set",
                "notify.url=https://127.0.0.1                    | notify.url is not an address of the public internet",
                "notify.url=http://example.com                   | notify.url has to begin with https://",
                "notify.url=https://example.com/'                | notify.url holds an apostrophe",
                "notify.telegram.chat=1                          | notify.telegram.token (NOTIFY_TELEGRAM_TOKEN) is not set",
                "notify.mail.to=a@example.com                    | notify.mail.host (NOTIFY_MAIL_HOST) is not set",
                "notify.mail.to=a@example.com                    | notify.mail.from (NOTIFY_MAIL_FROM) is not set",
            })
    void whatIsMissingOrWrongIsNamed(String line, String message) {
        assertThatThrownBy(() -> check(line))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(message);
    }

    @Test
    void whatIsWrongWithASecretOrAnAddressIsSaidWithoutQuotingIt() {
        assertThatThrownBy(() -> check("notify.url=https://user:password@example.com", "notify.secret=my own secret"))
                .hasMessageContaining("must not hold a user or a password")
                .hasMessageContaining("whsec_ and base64")
                .hasMessageNotContaining("own secret")
                .hasMessageNotContaining("password@");
        assertThatThrownBy(() -> check(
                        "notify.telegram.chat=1",
                        "notify.telegram.token=no token",
                        "notify.telegram.url=https://x.example/",
                        "notify.telegram.proxy=http://p"))
                .hasMessageContaining("the token of a bot")
                .hasMessageContaining("without a slash")
                .hasMessageContaining("HOST:PORT")
                .hasMessageNotContaining("no token");
        assertThatThrownBy(() -> check("notify.mail.to=a@example.com", "notify.mail.protocol=imap"))
                .hasMessageContaining("smtp or smtps");
    }
}
