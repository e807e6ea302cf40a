package metrika.conversions;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import metrika.conversions.support.Product;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What the command line says of itself. */
class HelpTest {

    @TempDir
    private Path directory;

    private String run(int exit, String argument) throws InterruptedException {
        var product = new Product.Builder().in(directory).argument(argument).launch();
        assertThat(product.process().waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
        assertThat(product.process().exitValue()).as(product.log()).isEqualTo(exit);
        return product.log();
    }

    @Test
    void isGivenWhereThereIsNothing() throws InterruptedException {
        assertThat(run(0, "--help")).contains("check", "re-encrypt", "simulator", "--version");
        assertThat(run(2, "start")).startsWith("There is no command 'start'. ").contains("check", "re-encrypt", "simulator").hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "help", "check --help", "simulator -h", "start --help"})
    void helpIsAskedForInManyWays(String line) {
        assertThat(Help.answer(List.of(line.split(" ")))).contains("java -jar metrika-conversions.jar check", "README.md");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "-V", "version"})
    void soIsTheVersion(String argument) {
        assertThat(Help.answer(List.of(argument))).startsWith("metrika-conversions ").contains("Java 1", "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "start", "--port=80", "Check", "simulator now", "re-encrypt all", "check a b c"})
    void whatIsNoCommandIsTold(String line) {
        var arguments = List.of(line.split(" "));
        assertThat(Help.answer(arguments)).isNull();
        assertThat(Help.complaint(arguments)).hasLineCount(1).containsAnyOf("There is no command", "takes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"check", "check a", "check a b", "simulator", "re-encrypt"})
    void commandsAreLetThrough(String line) {
        assertThat(Help.answer(List.of(line.split(" ")))).isNull();
        assertThat(Help.complaint(List.of(line.split(" ")))).isNull();
        assertThat(Help.complaint(List.of())).isNull();
    }
}
