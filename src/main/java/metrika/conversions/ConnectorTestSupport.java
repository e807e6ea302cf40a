package metrika.conversions;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import metrika.conversions.check.ConnectorTestCase;
import metrika.conversions.check.FilesBelow;
import metrika.conversions.check.RouteCheck;
import metrika.conversions.settings.Settings;

/**
 * The tests beside connectors, for those who prefer to run them with JUnit: a class of theirs extends this one, and
 * nothing more. It is run in the folder that holds {@code application.properties} and {@code routes/}, with this
 * product's jars and JUnit's on the class path.
 */
public abstract class ConnectorTestSupport {

    /** One test for each sample in a folder {@code routes/…/in-x.test}. */
    @TestFactory
    Stream<DynamicTest> connectors() {
        var settings = Settings.in(Path.of(""));
        return FilesBelow.of(Path.of("routes"), RouteCheck.ROUTE).stream()
                .map(route -> ConnectorTestCase.of(route, settings.timeZone("webhooks.default-time-zone")))
                .flatMap(List::stream)
                .map(test -> DynamicTest.dynamicTest(test.name(), () -> {
                    var differences = new CheckCommand(settings, new PrintStream(OutputStream.nullOutputStream()))
                            .differences(test);
                    if (!differences.isEmpty()) {
                        throw new AssertionError(String.join(System.lineSeparator(), differences));
                    }
                }));
    }
}
