package metrika.conversions.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Sources whose repeated messages would be stored again, or refused. */
class SourceKeysTest {

    private static final String NO_KEY = "a message that comes again is stored again";
    private static final String OTHER_TIME = "its date_time is ${date:now…}";

    @TempDir
    private Path folder;

    /** A source with steps of the form {@code name=expression} for variables, and the door that it ends with. */
    private SourceKeys source(String door, String... variables) throws IOException {
        var steps = new StringBuilder();
        for (var variable : variables) {
            var parts = variable.split("=", 2);
            steps.append("        - setVariable: {name: %s, expression: {%s}}\n".formatted(parts[0], parts[1]));
        }
        Files.writeString(folder.resolve("in-x.camel.yaml"), """
            - route:
                id: in-x
                precondition: "{{inbound.x.enabled}}"
                from:
                  uri: timer:x
                  steps:
            %s        - to: direct:%s
            """.formatted(steps, door));
        return new SourceKeys(folder);
    }

    private String warnings(String door, String... variables) throws IOException {
        return source(door, variables)
                .of(List.of(folder.resolve("in-x.camel.yaml")))
                .toString();
    }

    @Test
    void whatNamesItsMessagesIsLeftInPeace() throws IOException {
        var now = "date_time=method: {ref: httpSource, method: now}";
        assertThat(warnings("store-conversions", "idempotency-key=simple: '${body[id]}'"))
                .isEqualTo("[]");
        assertThat(warnings("store-mapped", now, "idempotency-key=simple: '${body[id]}'"))
                .isEqualTo("[]");
        assertThat(warnings("store-mapped", now, "purchase_id=simple: '${body[id]}'"))
                .isEqualTo("[]");
        assertThat(warnings("store-mapped", "date_time=simple: '${body[at]}'")).isEqualTo("[]");
        assertThat(warnings("store-file")).isEqualTo("[]");
        assertThat(warnings("elsewhere")).isEqualTo("[]");
    }

    @Test
    void aSourceWithoutAKeyIsNamedWithItsLine() throws IOException {
        assertThat(warnings("store-conversions", "purchase_id=simple: '${body[id]}'"))
                .contains("in-x.camel.yaml, line 5: " + NO_KEY);
        assertThat(warnings("store-mapped", "date_time=method: {ref: httpSource, method: now}"))
                .contains(NO_KEY, "or map purchase_id");
    }

    @Test
    void aTimeThatNoRepetitionCanGiveIsNamed() throws IOException {
        assertThat(warnings(
                        "store-mapped",
                        "purchase_id=simple: '${body[id]}'",
                        "date_time=simple: '${date:now:yyyy-MM-dd HH:mm:ss}'"))
                .contains("in-x.camel.yaml, line 5: " + OTHER_TIME);
    }

    @Test
    void theKeyMayBeSetByARouteThatItCalls() throws IOException {
        Files.writeString(folder.resolve("y.camel.yaml"), """
            - route:
                id: y
                from:
                  uri: direct:y
                  steps:
                    - setVariables:
                        variables:
                          - {name: idempotency-key, expression: {simple: "${body[id]}"}}
                    - to: direct:store-conversions
            """);
        assertThat(warnings("y")).isEqualTo("[]");
        Files.writeString(
                folder.resolve("y.camel.yaml"),
                Files.readString(folder.resolve("y.camel.yaml")).replace("idempotency-key", "idempotancy-key"));
        assertThat(warnings("y")).contains("in-x.camel.yaml, line 5: " + NO_KEY);
    }

    @Test
    void theStartSpeaksOfThoseThatAreSwitchedOn() throws IOException {
        var keys = source("store-conversions");
        assertThat(keys.ofSwitchedOn(name -> name.equals("inbound.x.enabled") ? "true" : null))
                .hasSize(1);
        assertThat(keys.ofSwitchedOn(name -> "false")).isEmpty();
    }

    @Test
    void noShippedSourceIsWarnedOf() {
        assertThat(new SourceKeys(Path.of("routes")).of(FilesBelow.of(Path.of("routes"), RouteCheck.ROUTE)))
                .isEmpty();
    }
}
