package metrika.conversions;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.settings.Settings;

import static org.assertj.core.api.Assertions.assertThat;

/** What is wrong with a source's settings is told of that source, and of those that are switched on. */
class SourceSettingsTest {

    @TempDir
    private Path directory;

    private Settings settings(String... lines) throws Exception {
        Files.writeString(directory.resolve("application.properties"), String.join("\n", lines) + "\n");
        return Settings.in(directory);
    }

    /** What is said of the only source that something is wrong with. */
    private AbstractStringAssert<?> fault(String source, String... lines) throws Exception {
        var faults = SourceSettings.faults(settings(lines));
        assertThat(faults).containsOnlyKeys(source);
        return assertThat(String.join("; ", faults.get(source)));
    }

    private void fits(String... lines) throws Exception {
        assertThat(SourceSettings.faults(settings(lines))).isEmpty();
    }

    @Test
    void whatBecomesOfBadRowsIsOneOfThree() throws Exception {
        fault("form", "inbound.form.enabled=true", "inbound.form.bad-rows=skip")
                .contains("inbound.form.bad-rows (INBOUND_FORM_BAD_ROWS) is 'skip': refuse, leave-out or log is"
                        + " expected");
        for (var value : List.of("refuse", "leave-out", "log")) {
            fits("inbound.form.enabled=true", "inbound.form.bad-rows=" + value);
        }
    }

    /** Camel would take each for 0: it would look at a folder without a pause, and take half a file. */
    @ParameterizedTest
    @ValueSource(strings = {"abc", "10S", "-5s", "1.5m", "10 s", "PT-1S", "P1", "s"})
    void aTimeThatCannotBeReadIsTold(String time) throws Exception {
        for (var setting : List.of("delay", "min-age")) {
            fault("shop", "inbound.shop.enabled=true", "inbound.shop." + setting + "=" + time)
                    .isEqualTo("inbound.shop.%s (%s) is '%s': a time such as 10s, 5m, 1h or PT10S is expected"
                            .formatted(setting, Settings.variable("inbound.shop." + setting), time));
        }
    }

    @Test
    void aTimeIsWrittenInCamelsWayOrInThatOfIso() throws Exception {
        for (var time : List.of("10s", "PT10S", "1h30m", "250", "500ms", "P1D")) {
            fits("inbound.shop.enabled=true", "inbound.shop.delay=" + time, "inbound.shop.min-age=" + time);
        }
        fits("inbound.shop.enabled=true", "inbound.shop.min-age=0");
        fault("shop", "inbound.shop.enabled=true", "inbound.shop.delay=0s")
                .contains("inbound.shop.delay", "'0s': a time above zero is expected");
    }

    @Test
    void whatAFormWithoutATimeIsCanOnlyBeOneOfTwo() throws Exception {
        fault("form", "inbound.form.enabled=true", "inbound.form.date-time=today")
                .contains("inbound.form.date-time (INBOUND_FORM_DATE_TIME) is 'today': required or now is expected");
        fits("inbound.form.enabled=true", "inbound.form.date-time=now");
        fits("inbound.form.enabled=true", "inbound.form.date-time=required");
    }

    @Test
    void columnsThatCannotBeReadAreToldWithTheirPlace() throws Exception {
        fault("till-csv", "inbound.till-csv.enabled=true", "inbound.till-csv.columns=target=A; date_time=B")
                .contains("inbound.till-csv.columns (INBOUND_TILL_CSV_COLUMNS)", "character 9", "comma");
    }

    @ParameterizedTest
    @ValueSource(strings = {"inbound.x.schedule=soon", "inbound.x.password={{file:not-here}}", "inbound.x.columns="})
    void aSourceThatIsOffMayBeWrong(String line) throws Exception {
        fits("inbound.x.enabled=false", line);
    }

    @Test
    void aScheduleOrASecretIsToldOfItsSource() throws Exception {
        fault("x", "inbound.x.enabled=true", "inbound.x.schedule=soon", "inbound.y.enabled=true")
                .contains("inbound.x.schedule is 'soon'", "0 0/5 * * * ?");
        fault("x", "inbound.x.enabled=true", "inbound.x.password={{file:not-here}}")
                .contains("inbound.x.password is {{file:not-here}}", "it is not there");
        fault("x", "inbound.x.enabled=yes").contains("inbound.x.enabled is 'yes': true or false is expected");
    }

    @Test
    void whatAKindLacksIsToldOfEachOfThatKind() throws Exception {
        fault(
                        "acme",
                        "inbound.sftp-drop.enabled=false",
                        "inbound.sftp-drop.password={{file:not-here}}",
                        "inbound.acme.enabled=true",
                        "inbound.acme.type=sftp-drop")
                .contains("inbound.sftp-drop.password is {{file:not-here}}");
    }

    @Test
    void whatCannotBeReadIsKnownOfAllSources() throws Exception {
        assertThat(SourceSettings.unresolved(settings(
                        "inbound.x.enabled=false", "inbound.x.password={{file:not-here}}", "inbound.x.host=h")))
                .containsExactly("inbound.x.password");
    }

    /** Those that are shipped: what each of them needs is told at once. */
    @Test
    void aSourceThatIsSwitchedOnIsSetUp() throws Exception {
        var faults = SourceSettings.faults(settings(
                Files.readString(Path.of("application.properties")),
                "inbound.kafka.enabled=true",
                "inbound.kafka.brokers=localhost:9092",
                "inbound.kafka.security-protocol=SASL_SSL",
                "inbound.sftp-drop.enabled=true",
                "inbound.sftp-drop.directory=/data/out",
                "inbound.mail.enabled=true",
                "inbound.mail.password=secret"));
        assertThat(faults).containsOnlyKeys("kafka", "sftp-drop", "mail");
        assertThat(String.join("\n", faults.get("kafka")))
                .contains(
                        "inbound.kafka.webhook (INBOUND_KAFKA_WEBHOOK) is not set: inbound.kafka.enabled is true",
                        "inbound.kafka.topic ",
                        "inbound.kafka.dead-letter-topic ",
                        "inbound.kafka.sasl-jaas-config ")
                .doesNotContain("inbound.kafka.brokers ", "inbound.kafka.columns");
        assertThat(String.join("\n", faults.get("sftp-drop")))
                .contains(
                        "inbound.sftp-drop.known-hosts-file ",
                        "inbound.sftp-drop.password ",
                        "nor is inbound.sftp-drop.private-key-file",
                        "inbound.sftp-drop.directory (INBOUND_SFTP_DROP_DIRECTORY) is '/data/out', and begins at the"
                                + " user's own folder");
        assertThat(String.join("\n", faults.get("mail")))
                .contains("inbound.mail.webhook ", "inbound.mail.senders ")
                .doesNotContain("inbound.mail.password");
    }

    @Test
    void aSignatureOfSettingsIsOneThatItsSenderAloneCanMake() throws Exception {
        var bank = new String[] {
            "inbound.http-columns.signature-secret=",
            "inbound.bank.type=http-columns",
            "inbound.bank.enabled=true",
            "inbound.bank.signature-field=sign"
        };
        assertThat(SourceSettings.missing(settings(bank)))
                .containsExactly(Map.entry(
                        "bank",
                        List.of("inbound.bank.signature-secret (INBOUND_BANK_SIGNATURE_SECRET) is not set: with it the"
                                + " sender signs")));
        assertThat(SourceSettings.wrong(settings(bank)))
                .containsExactly(Map.entry(
                        "bank",
                        List.of(
                                "inbound.bank.signed-text is missing: of which fields the signature in the field sign is"
                                        + " made, such as {order}{sum}{secretKey}")));
        var lines = new ArrayList<>(List.of(bank));
        lines.add("inbound.bank.signature-secret=K");
        lines.add("inbound.bank.signed-text={a}{secretKey}");
        fits(lines.toArray(String[]::new));
        lines.add("inbound.bank.signed-text={a}{secretKey}[:b]");
        fault("bank", lines.toArray(String[]::new))
                .contains("inbound.bank.signed-text has brackets without a field in them");
        lines.add("inbound.bank.signed-text={a}{secretKey}[:{b}]");
        fits(lines.toArray(String[]::new));
        lines.add("inbound.bank.signature-algorithm=md5");
        fault("bank", lines.toArray(String[]::new)).contains("inbound.bank.signature-algorithm is 'md5': one of");
    }
}
