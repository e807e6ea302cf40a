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

/** Spans of time where zero would mean for ever or never have bounds, which a start tells. */
class DurationSettingsTest {

    @TempDir
    private Path folder;

    private Settings settings(String lines) throws IOException {
        Files.writeString(
                folder.resolve("application.properties"),
                Files.readString(Path.of("application.properties")) + "\n" + lines);
        return Settings.in(folder);
    }

    @Test
    void theShippedOnesAreWithinThem() {
        assertThatCode(() -> StartupChecks.checkSpans(settings("upload.relink=P1D, P3D")))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "upload.lease,PT0S,PT5S,PT1H",
        "upload.lease,PT4.9S,PT5S,PT1H",
        "upload.lease,P1D,PT5S,PT1H",
        "upload.settle,PT0S,PT1S,PT24H",
        "metrika.connect-timeout,PT0S,PT1S,PT1H",
        "metrika.response-timeout,PT0S,PT1S,PT1H"
    })
    void whatIsOutsideIsNamedWithTheBounds(String setting, String value, String min, String max) {
        assertThatThrownBy(() -> StartupChecks.checkSpans(settings(setting + "=" + value)))
                .isInstanceOf(SettingException.class)
                .hasMessage("%s is '%s': a duration from %s to %s is expected", setting, value, min, max);
    }

    @ParameterizedTest
    @CsvSource({
        "upload.lease,soon",
        "upload.lease,-PT1M",
        "upload.settle,1m",
        "upload.relink,PT0S",
        "metrika.connect-timeout,10"
    })
    void whatIsNoSpanIsNamed(String setting, String value) {
        assertThatThrownBy(() -> StartupChecks.checkSpans(settings(setting + "=" + value)))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith(setting + " is '" + value + "'");
    }
}
