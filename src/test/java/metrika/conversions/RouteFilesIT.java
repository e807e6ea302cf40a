package metrika.conversions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/** Routes of the product that cannot run stop the start, in one line that names their files. */
@Execution(ExecutionMode.CONCURRENT) // each has what it starts to itself
class RouteFilesIT {

    @TempDir
    private Path folder;

    @BeforeEach
    void copy() throws IOException {
        Product.copyProject(folder);
    }

    /** The one line that a start ends with. */
    private String start(Product.Builder builder) throws InterruptedException {
        var product = builder.in(folder).launch();
        assertThat(product.process().waitFor(120, TimeUnit.SECONDS))
                .as("it ends")
                .isTrue();
        assertThat(product.process().exitValue()).as(product.log()).isEqualTo(1);
        assertThat(product.log()).doesNotContain("\tat ", "Ready");
        return product.log()
                .lines()
                .filter(line -> line.contains(" ERROR "))
                .reduce((one, other) -> one + "\n" + other)
                .orElseThrow();
    }

    /** The database is not asked before the routes are read. */
    private static Product.Builder withoutDatabase() {
        return new Product.Builder()
                .with("database.url", "jdbc:postgresql://127.0.0.1:1/none")
                .with("metrika.url", Shared.METRIKA.url());
    }

    @Test
    void aSecondFileWithTheSameRouteIsNamedWithTheFirst() throws IOException, InterruptedException {
        Files.copy(folder.resolve("routes/intake/store-file.camel.yaml"), folder.resolve("routes/copy.camel.yaml"));
        assertThat(start(withoutDatabase()))
                .hasLineCount(1)
                .contains(
                        "Not started. ",
                        "routes/intake/store-file.camel.yaml, line 2: the id store-file is taken by"
                                + " routes/copy.camel.yaml");
    }

    @Test
    void anIndentationThatIsWrongIsNamedWithItsLine() throws IOException, InterruptedException {
        var file = folder.resolve("routes/intake/store-file.camel.yaml");
        Files.writeString(file, Files.readString(file).replace("    from:\n", "  from:\n"));
        // One that is no better, and is left out
        Files.writeString(folder.resolve("routes/sources/in-form.camel.yaml"), "- route:\n  from:\n");
        assertThat(start(withoutDatabase()))
                .hasLineCount(1)
                .containsPattern("Not started. routes/intake/store-file.camel.yaml, line [0-9]+: ");
    }

    @Test
    void aFileWithoutAListIsNamed() throws IOException, InterruptedException {
        Files.writeString(folder.resolve("routes/x.camel.yaml"), "# to be written\n\nroute:\n  id: x\n");
        Files.writeString(folder.resolve("routes/y.camel.yaml"), "# - route:\n#     id: y\n");
        assertThat(start(withoutDatabase()))
                .hasLineCount(1)
                .contains("Not started. routes/x.camel.yaml, line 3: a list of routes is expected")
                .doesNotContain("y.camel.yaml");
    }

    @Test
    void aFolderThatIsNamedAsARouteIsTold() throws IOException, InterruptedException {
        Files.createDirectory(folder.resolve("routes/x.camel.yaml"));
        assertThat(start(withoutDatabase()))
                .hasLineCount(1)
                .contains("routes/x.camel.yaml: it cannot be read: it is a folder");
    }

    @ParameterizedTest
    @CsvSource({
        "routes/api/api-send-conversions.camel.yaml, direct:store-conversions",
        "routes/dashboard/dashboard-batch-csv.camel.yaml, direct:write-csv"
    })
    void aTargetThatIsNotThereIsFoundBeforeReady(String path, String target) throws IOException, InterruptedException {
        var file = folder.resolve(path);
        Files.writeString(file, Files.readString(file).replace(target, "direct:nowhere"));
        assertThat(start(Product.on(TestDatabase.create(), Shared.METRIKA.url())))
                .hasLineCount(1)
                .containsPattern("Not started. " + path + ", line [0-9]+: no route .* begins with direct:nowhere");
    }
}
