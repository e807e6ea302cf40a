package metrika.conversions.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Where a route configuration has to be for a source to find it: sources are loaded one by one. */
class RouteConfigurationsCheckTest {

    private static final String CONFIGURATION = """
            - routeConfiguration:
                id: calls
                description: What fails is told
                onException:
                  - onException:
                      exception:
                        - java.io.IOException
                      steps:
                        - log:
                            message: away
            """;

    private static final String ROUTE = """
            - route:
                id: in-a
                description: Takes nothing
                routeConfigurationId: calls
                from:
                  uri: timer:a
                  steps:
                    - log:
                        message: nothing
            """;

    @TempDir
    private Path routes;

    private Path write(String name, String text) throws IOException {
        Files.createDirectories(routes.resolve(name).getParent());
        return Files.writeString(routes.resolve(name), text);
    }

    private RouteCheck check() {
        return new RouteCheck(routes, setting -> true, bean -> true);
    }

    @ParameterizedTest
    @CsvSource({"sources/calls.camel.yaml", "sources/in-b.camel.yaml", "in-b.camel.yaml"})
    void oneAmongSourcesIsToldOf(String place) throws IOException {
        var route = write("sources/in-a.camel.yaml", ROUTE);
        var configuration = write(place, CONFIGURATION);
        var told =
                "%s, line 4: the route configuration calls is in %s, among sources: put that file into routes/errors/"
                        .formatted(route, configuration);
        assertThat(check().all()).extracting(Finding::toString).containsExactly(told);
        assertThat(check().one(route)).extracting(Finding::toString).containsExactly(told);
    }

    @Test
    void oneElsewhereOrInTheSameFileIsFound() throws IOException {
        var route = write("sources/in-a.camel.yaml", ROUTE);
        write("errors/calls.camel.yaml", CONFIGURATION);
        assertThat(check().all()).isEmpty();
        assertThat(check().one(route)).isEmpty();
        Files.delete(routes.resolve("errors/calls.camel.yaml"));
        write("sources/in-a.camel.yaml", ROUTE + CONFIGURATION);
        assertThat(check().one(route)).isEmpty();
    }
}
