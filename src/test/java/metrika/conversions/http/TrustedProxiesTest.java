package metrika.conversions.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Which proxies are believed is a list of addresses and networks. */
class TrustedProxiesTest {

    @TempDir
    private Path directory;

    private Settings settings(String proxies, String headers) throws IOException {
        Files.writeString(
                directory.resolve("application.properties"),
                "http.trusted-proxies=" + proxies + "\nhttp.proxy-headers=" + headers + "\n");
        return Settings.in(directory);
    }

    @Test
    void whatIsNoNetworkIsNamed() throws IOException {
        var wrong = settings("10.0.0.1, 10.0.0.0/33", "forwarded");
        assertThatThrownBy(() -> new TrustedProxies(wrong))
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll("http.trusted-proxies", "'10.0.0.0/33'");
        var right = settings("10.0.0.1, 10.0.0.0/32, fd00::/8", "x-forwarded");
        assertThatCode(() -> new TrustedProxies(right)).doesNotThrowAnyException();
    }

    @Test
    void headersThatNobodySendsAreNamed() throws IOException {
        var wrong = settings("", "x-real-ip");
        assertThatThrownBy(() -> new TrustedProxies(wrong))
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll("http.proxy-headers is 'x-real-ip'", "x-forwarded or forwarded is expected");
    }
}
