package metrika.conversions.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.logging.LoggingConfig;

import static org.assertj.core.api.Assertions.assertThat;

/** Settings that nothing reads. */
class UnknownSettingsTest {

    private final UnknownSettings settings = new UnknownSettings(Path.of("routes"));

    @TempDir
    private Path folder;

    private List<String> unknown(String lines) throws IOException {
        var file = folder.resolve("application.properties");
        Files.writeString(file, lines);
        return settings.in(List.of(file, folder.resolve("none.properties"))).stream()
                .map(finding -> finding.toString().replace(folder + "/", ""))
                .toList();
    }

    @Test
    void theShippedOnesAreKnown() {
        assertThat(settings.in(List.of(Path.of("application.properties"), Path.of("application-dev.properties"))))
                .isEmpty();
    }

    @Test
    void aNameThatIsWrittenWrongIsToldWithTheOneThatIsMeant() throws IOException {
        assertThat(unknown(
                        "# upload.x=1\n\nupload.schedul=0 * * * * ?\nupload.hold = PT1M\nhttp.port: 1\ncolour=red\n"))
                .containsExactly(
                        "application.properties, line 3: nothing reads the setting upload.schedul; is upload.schedule"
                                + " meant?",
                        "application.properties, line 6: nothing reads the setting colour");
    }

    @Test
    void aSourceOfSettingsHasThoseOfItsKind() throws IOException {
        assertThat(unknown("inbound.acme.host=a\ninbound.acme.type=sftp-drop\ninbound.acme.enabled=true\n"
                        + "inbound.acme.hosts=b\ninbound.other.host=c\n"))
                .containsExactly(
                        "application.properties, line 4: nothing reads the setting inbound.acme.hosts; is"
                                + " inbound.acme.host meant?",
                        "application.properties, line 5: nothing reads the setting inbound.other.host");
    }

    @Test
    void aKindThatIsWrittenWrongIsToldOnceAndNotOfEachSetting() throws IOException {
        assertThat(unknown("inbound.acme.columns=a\ninbound.acme.type=http-column\ninbound.acme.ping=true\n"))
                .containsExactly(
                        "application.properties, line 2: inbound.acme.type is 'http-column': one of"
                                + " folder-drop, http-columns, rest-pull, sftp-drop, sql-pull is expected: is http-columns meant?");
    }

    /** The log strikes out what stands behind the name of a credential and a colon. */
    @Test
    void theLogLeavesTheQuestionAsItIs() throws IOException {
        assertThat(unknown("inbound.b1.type=http-columns\ninbound.b9.signature=a\ninbound.b9.signature-secret=b\n"
                        + "inbound.b9.token=c\ninbound.maill.password=d\n"))
                .hasSize(4)
                .anyMatch(finding -> finding.endsWith("inbound.b9.signature; is inbound.b1.signature meant?"))
                .allMatch(finding -> LoggingConfig.withoutSecrets(finding).equals(finding));
    }

    @Test
    void whatGoesOnInTheNextLineIsNoName() throws IOException {
        assertThat(unknown("inbound.form.columns.x=a, \\\n  b=c\nadmin.token\n"))
                .hasSize(1)
                .allMatch(finding -> finding.contains("line 1: nothing reads the setting inbound.form.columns.x"));
    }

    @Test
    void whatCamelReadsAndWhatARouteNamesIsKnown() throws IOException {
        Files.createDirectories(folder.resolve("routes/sources"));
        Files.writeString(
                folder.resolve("routes/sources/in-acme.camel.yaml"),
                "- route: {id: in-acme, from: {uri: \"timer:{{acme.name:x}}?period={{?acme.period}}\"}}");
        var file = folder.resolve("application.properties");
        Files.writeString(
                file,
                "camel.beans.x=1\n"
                        + "logging.level.x=DEBUG\n"
                        + "acme.name=1\n"
                        + "acme.period=2\n"
                        + "inbound.acme.enabled=true\n"
                        + "acme.other=3\n");
        assertThat(new UnknownSettings(folder.resolve("routes")).in(List.of(file)))
                .hasSize(1)
                .allMatch(finding -> finding.line() == 6);
    }
}
