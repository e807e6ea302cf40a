package metrika.conversions;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SourceSettingsTest {

    @TempDir
    private Path directory;

    private void checkSources(String dateTime) throws Exception {
        checkForm("date-time", dateTime);
    }

    private void checkForm(String setting, String value) throws Exception {
        Files.writeString(
                directory.resolve("application.properties"),
                "inbound.form.enabled=true\ninbound.form.%s=%s\n".formatted(setting, value));
        SourceSettings.check(Settings.in(directory));
    }

    @Test
    void whatBecomesOfBadRowsIsOneOfThree() {
        assertThatThrownBy(() -> checkForm("bad-rows", "skip"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("inbound.form.bad-rows (INBOUND_FORM_BAD_ROWS) is 'skip': refuse, leave-out or"
                        + " log is expected");
        for (var value : new String[] {"refuse", "leave-out", "log"}) {
            assertThatCode(() -> checkForm("bad-rows", value)).doesNotThrowAnyException();
        }
    }

    @Test
    void whatAFormWithoutATimeIsCanOnlyBeOneOfTwo() {
        assertThatThrownBy(() -> checkSources("today"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(
                        "inbound.form.date-time (INBOUND_FORM_DATE_TIME) is 'today': required or now is expected");
        assertThatCode(() -> checkSources("now")).doesNotThrowAnyException();
        assertThatCode(() -> checkSources("required")).doesNotThrowAnyException();
    }

    @Test
    void columnsThatCannotBeReadStopTheStart() throws Exception {
        Files.writeString(
                directory.resolve("application.properties"),
                "inbound.till-csv.enabled=true\ninbound.till-csv.columns=target=A; date_time=B\n");
        assertThatThrownBy(() -> SourceSettings.check(Settings.in(directory)))
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll("inbound.till-csv.columns (INBOUND_TILL_CSV_COLUMNS)", "character 9", "comma");
    }
}
