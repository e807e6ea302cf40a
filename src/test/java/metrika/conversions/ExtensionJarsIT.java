package metrika.conversions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.support.Product;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/** Jars that an installation puts into ext/: the start and check find what is in them. */
class ExtensionJarsIT {

    private static final String COMPONENT = """
        package example;

        public class GreetComponent extends org.apache.camel.support.DefaultComponent {
            protected org.apache.camel.Endpoint createEndpoint(String uri, String rest, java.util.Map<String, Object> more) {
                return new org.apache.camel.support.ProcessorEndpoint(uri, this, exchange -> {});
            }
        }
        """;

    private static final String DRIVER = """
        package example;

        import java.sql.*;

        public class ToyDriver implements Driver {
            public Connection connect(String url, java.util.Properties info) throws SQLException {
                throw new SQLException("a toy");
            }
            public boolean acceptsURL(String url) { return url.startsWith("jdbc:toy:"); }
            public DriverPropertyInfo[] getPropertyInfo(String url, java.util.Properties info) {
                return new DriverPropertyInfo[0];
            }
            public int getMajorVersion() { return 1; }
            public int getMinorVersion() { return 0; }
            public boolean jdbcCompliant() { return false; }
            public java.util.logging.Logger getParentLogger() { return java.util.logging.Logger.getGlobal(); }
        }
        """;

    private static final String ROUTE = """
        - route:
            id: in-greeting
            description: Takes nothing, by a component that the product does not have
            from:
              uri: direct:in-greeting
              steps:
                - to:
                    uri: greet:world
        """;

    @TempDir
    private Path folder;

    @Test
    void componentsAndDriversInExtAreFound() throws IOException {
        Product.copyProject(folder);
        Files.writeString(folder.resolve("routes/sources/in-greeting.camel.yaml"), ROUTE);
        Files.writeString(
                folder.resolve("application.properties"),
                Files.readString(folder.resolve("application.properties")) + "\ndata-source.toy.url=jdbc:toy:box\n");
        var database = TestDatabase.create();
        try (var product =
                Product.idle(database, "http://127.0.0.1:1").in(folder).start()) {
            assertThat(product.log())
                    .contains(
                            "data-source.toy.url is no address that a driver here takes: put the jar of its driver into "
                                    + folder.toRealPath().resolve("ext"),
                            "The source in-greeting is not started",
                            "line 8: there is no component greet in lib/ or ext/");
        }
        assertThat(new Product.Builder().in(folder).argument("check").end(3))
                .contains("application.properties: data-source.toy.url is no address that a driver here takes");
        makeJar();
        try (var product =
                Product.idle(database, "http://127.0.0.1:1").in(folder).start()) {
            assertThat(product.log()).doesNotContain("put the jar", "is not started");
        }
    }

    private void makeJar() throws IOException {
        var classes = Files.createDirectories(folder.resolve("classes"));
        var sources = Files.createDirectories(folder.resolve("src/example"));
        var component = Files.writeString(sources.resolve("GreetComponent.java"), COMPONENT);
        var driver = Files.writeString(sources.resolve("ToyDriver.java"), DRIVER);
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-proc:none",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "-d",
                                classes.toString(),
                                component.toString(),
                                driver.toString()))
                .isZero();
        Files.createDirectories(folder.resolve("ext"));
        try (var jar = new JarOutputStream(Files.newOutputStream(folder.resolve("ext/toys.jar")))) {
            for (var name : new String[] {"example/GreetComponent.class", "example/ToyDriver.class"}) {
                put(jar, name, Files.readAllBytes(classes.resolve(name)));
            }
            put(jar, "META-INF/services/org/apache/camel/component/greet", "class=example.GreetComponent\n".getBytes());
            put(jar, "META-INF/services/java.sql.Driver", "example.ToyDriver\n".getBytes());
        }
    }

    private static void put(JarOutputStream jar, String name, byte[] bytes) throws IOException {
        jar.putNextEntry(new ZipEntry(name));
        jar.write(bytes);
        jar.closeEntry();
    }
}
