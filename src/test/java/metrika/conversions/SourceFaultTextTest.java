package metrika.conversions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.NoSuchBeanException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import metrika.conversions.check.Finding;
import metrika.conversions.check.RouteCheck;
import metrika.conversions.settings.SettingException;

import static org.assertj.core.api.Assertions.assertThat;

/** Why a source does not start is one line in plain words: the file, the line, the cause, and no class of Java. */
class SourceFaultTextTest {

    private static final String ROUTE = """
            - route:
                id: in-x
                description: Takes what comes
                from:
                  uri: timer:x
                  parameters:
                    period: %s
                  steps:
                    - to:
                        uri: mock:x
            """;

    @TempDir
    private Path folder;

    private Path route(String period) throws IOException {
        return Files.writeString(folder.resolve("in-x.camel.yaml"), ROUTE.formatted(period));
    }

    private SourceFaultText texts(Finding... ofSteps) {
        return new SourceFaultText(
                () -> new RouteCheck(folder, name -> false, name -> false), file -> List.of(ofSteps));
    }

    /** As Camel wraps what a component throws. */
    private static Throwable wrapped(Throwable cause) {
        return new FailedToCreateRouteException(
                "in-x", "here", "Route(in-x)[From[timer:x]]", new RuntimeException(cause));
    }

    @Test
    void whatCheckFindsGoesBeforeWhatCamelSays() throws IOException {
        var file = route("\"{{inbound.x.period}}\"");
        assertThat(texts().of(List.of(file), wrapped(new IllegalArgumentException("said by Camel"))))
                .isEqualTo(file + ", line 7: {{inbound.x.period}} is no setting: give it a line in"
                        + " application.properties");
    }

    @Test
    void whatIsWrongWithAStepIsFoundInAFileThatIsOtherwiseSound() throws IOException {
        var file = route("1000");
        assertThat(texts(new Finding(file, 9, "it is not\n  an expression"))
                        .of(List.of(file), wrapped(new IllegalArgumentException("said by Camel"))))
                .isEqualTo(file + ", line 9: it is not an expression");
    }

    @Test
    void whatCamelSaysHasTheLineThatItSpeaksOf() throws IOException {
        var file = route("1000");
        assertThat(texts().of(List.of(file), wrapped(new IllegalArgumentException("mock:x is\nnot there"))))
                .isEqualTo(file + ", line 10: mock:x is not there");
        assertThat(texts().of(List.of(file), wrapped(new IllegalArgumentException("of no line"))))
                .isEqualTo(file + ": of no line");
    }

    /** The file is sound, so that what else could be said of it is not what keeps it from starting. */
    @Test
    void whatKeepsALoadedSourceFromStartingIsWhatCamelSays() throws IOException {
        var file = route("\"{{inbound.x.period}}\"");
        assertThat(texts().ofStart(List.of(file), wrapped(new IllegalStateException("the server refused"))))
                .isEqualTo(file + ": the server refused");
    }

    @Test
    void aSettingThatIsNamedIsTheCause() {
        assertThat(texts().of(List.of(), wrapped(new SettingException("inbound.x.type is 'y'"))))
                .isEqualTo("inbound.x.type is 'y'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "java.io.IOException: no such host | no such host",
                "No type converter available to convert from type: java.lang.String to the required type: int with value"
                        + " many | No type converter available to convert from type: … to the required type: int with"
                        + " value many",
                "class org.apache.kafka.common.KafkaException$Inner is not there | … is not there",
                "Failed to resolve endpoint: sftp://host:22/in?password=secret&user=u due to: x"
                        + " | Failed to resolve endpoint: sftp://host:22/in due to: x",
                "Cannot read a.b.csv of shop.example.com | Cannot read a.b.csv of shop.example.com",
            })
    void classesAndOptionsAreLeftOut(String said, String told) {
        assertThat(SourceFaultText.plain(wrapped(new IllegalArgumentException(said))))
                .isEqualTo(told);
    }

    @Test
    void aMissingBeanOrJarIsToldInWords() {
        assertThat(SourceFaultText.plain(wrapped(new NoSuchBeanException("shop", "javax.sql.DataSource"))))
                .isEqualTo("there is no bean shop");
        assertThat(SourceFaultText.plain(wrapped(new NoClassDefFoundError("com/amazonaws/s3/Client"))))
                .isEqualTo("a jar is missing, or does not fit the others, the one with com.amazonaws.s3: see ext/");
    }

    @Test
    void aLongOrAnEmptyTextIsStillALine() {
        assertThat(SourceFaultText.plain(new IllegalStateException("x ".repeat(1000))))
                .hasSizeLessThan(500);
        assertThat(SourceFaultText.plain(new IllegalStateException())).contains("log.level");
        assertThat(SourceFaultText.plain(new NullPointerException("java.lang.NullPointerException")))
                .doesNotContain("Null");
    }
}
