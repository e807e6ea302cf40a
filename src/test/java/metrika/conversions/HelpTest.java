package metrika.conversions;

import java.util.List;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What the command line says of itself. */
class HelpTest {

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "help", "check --help", "simulator -h", "start --help"})
    void helpIsAskedForInManyWays(String line) {
        assertThat(Help.answer(List.of(line.split(" "))))
                .contains("java -jar metrika-conversions.jar check", "README.md");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "-V", "version"})
    void soIsTheVersion(String argument) {
        assertThat(Help.answer(List.of(argument)))
                .startsWith("metrika-conversions ")
                .contains("Java 1", "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "start", "--port=80", "Check", "simulator now", "re-encrypt all", "check a b c"})
    void whatIsNoCommandIsTold(String line) {
        var arguments = List.of(line.split(" "));
        assertThat(Help.answer(arguments)).isNull();
        assertThat(Help.usageError(arguments)).hasLineCount(1).containsAnyOf("There is no command", "takes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"check", "check a", "check a b", "simulator", "re-encrypt"})
    void commandsAreLetThrough(String line) {
        assertThat(Help.answer(List.of(line.split(" ")))).isNull();
        assertThat(Help.usageError(List.of(line.split(" ")))).isNull();
        assertThat(Help.usageError(List.of())).isNull();
    }
}
