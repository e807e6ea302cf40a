package metrika.conversions.release;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

import static org.assertj.core.api.Assertions.assertThat;

/** What is shipped besides the jar is as docs/security.md promises, as far as that can be read. */
class ShippedFilesTest {

    private static final String USER = "10001:10001";

    @Test
    void theImageRunsAsAUserWithoutRights() throws IOException {
        var lines = Files.readAllLines(Path.of("Dockerfile"));
        var last = lines.lastIndexOf(lines.stream()
                .filter(line -> line.startsWith("FROM "))
                .reduce((one, other) -> other)
                .orElseThrow());
        var image = lines.subList(last, lines.size());
        assertThat(image).filteredOn(line -> line.startsWith("USER ")).containsExactly("USER " + USER);
        assertThat(image)
                .as("as another user")
                .filteredOn(line -> line.startsWith("RUN "))
                .isEmpty();
        assertThat(image)
                .as("nothing of the build but what is shipped")
                .filteredOn(line -> line.startsWith("COPY ") || line.startsWith("ADD "))
                .containsExactly("COPY --from=archive /app /app");
        assertThat(image)
                .filteredOn(line -> line.startsWith("EXPOSE "))
                .as("never the management port")
                .containsExactly("EXPOSE 8080");
        assertThat(Files.readString(Path.of("Dockerfile")))
                .contains("target/bom.json")
                .doesNotContainPattern("(?i)(token|password|key)=");
    }

    @Test
    @SuppressWarnings("unchecked")
    void theContainerCanWriteToTmpOnly() throws IOException {
        var compose = (Map<String, Map<String, Map<String, Object>>>)
                new Load(LoadSettings.builder().build())
                        .loadFromString(Files.readString(Path.of("docker-compose.yml")));
        var product = compose.get("services").get("product");
        assertThat(product.get("user")).isEqualTo(USER);
        assertThat(product.get("read_only")).isEqualTo(true);
        assertThat((List<String>) product.get("tmpfs"))
                .singleElement()
                .asString()
                .startsWith("/tmp:size=");
        assertThat(product).doesNotContainKeys("volumes", "privileged", "cap_add", "network_mode", "pid");
        assertThat((List<String>) product.get("ports"))
                .singleElement()
                .asString()
                .startsWith("127.0.0.1:")
                .endsWith(":8080");
        var environment = (Map<String, String>) product.get("environment");
        for (var secret : List.of("ADMIN_TOKEN", "ENCRYPTION_KEY", "DATABASE_PASSWORD")) {
            assertThat(environment.get(secret)).as("has no default").startsWith("${" + secret + ":?");
        }
        assertThat(compose.get("services").values()).allSatisfy(service -> {
            assertThat(service.get("cap_drop")).isEqualTo(List.of("ALL"));
            assertThat(service.get("security_opt")).isEqualTo(List.of("no-new-privileges:true"));
        });
        assertThat(compose.get("services").get("database")).doesNotContainKey("ports");
    }

    /** An archive of classes made by a list that is out of date helps less; what it must not hold kills the JVM. */
    @Test
    void theListOfClassesIsOfTheLibrariesThatThereAre() throws IOException {
        var there = new HashSet<String>();
        for (var place : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (place.endsWith(".jar")) {
                try (var jar = new JarFile(place)) {
                    jar.stream().map(JarEntry::getName).forEach(there::add);
                }
            }
        }
        var missing = new ArrayList<String>();
        int count = 0;
        for (var line : Files.readAllLines(Path.of("src/main/jvm/classes.lst"))) {
            if (line.startsWith("@") || ClassLoader.getPlatformClassLoader().getResource(line + ".class") != null) {
                continue;
            }
            count++;
            if (!there.contains(line + ".class") && !Files.exists(Path.of("target", "classes", line + ".class"))) {
                missing.add(line);
            }
        }
        assertThat(count).isGreaterThan(3000);
        assertThat(missing).as("renew it: docs/performance.md").hasSizeLessThan(count / 50);
        // JVM 17 ends with SIGSEGV when an agent is to see them: it looks for them where they are not
        assertThat(missing)
                .as("which are in META-INF/versions only")
                .noneMatch(name -> there.stream()
                        .anyMatch(entry ->
                                entry.startsWith("META-INF/versions/") && entry.endsWith("/" + name + ".class")));
    }

    /** A part of another version fails when it is used, or is the one with the hole. */
    @Test
    void librariesThatBelongTogetherHaveOneVersion() {
        var versions = new TreeMap<String, TreeSet<String>>();
        var group = Pattern.compile(".*/(io/netty|com/fasterxml/jackson|io/vertx)/.*?([^/]+)/[^/]+\\.jar");
        for (var place : System.getProperty("java.class.path").split(File.pathSeparator)) {
            var jar = group.matcher(place.replace(File.separatorChar, '/'));
            if (jar.matches()) {
                versions.computeIfAbsent(jar.group(1), name -> new TreeSet<>()).add(jar.group(2));
            }
            assertThat(place).as("what nothing needs").doesNotContain("c3p0", "mchange");
        }
        assertThat(versions)
                .hasSize(3)
                .allSatisfy((name, found) -> assertThat(found).as(name).hasSize(1));
    }

    /** The archives to run, by the list of what goes into them: they are made after the tests. */
    @Test
    void theReleaseHoldsAnInstallation() throws IOException {
        var held = Pattern.compile("<include>(.*?)</include>")
                .matcher(Files.readString(Path.of("src", "main", "assembly", "release.xml")))
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(held)
                .contains(
                        "metrika-conversions.jar",
                        "lib/*.jar",
                        "application.properties",
                        "routes/**",
                        "docs/**",
                        "kubernetes/**",
                        "systemd/**",
                        "bom.json",
                        "classes.lst",
                        "LICENSE");
        assertThat(held)
                .as("what dev alone needs, or a secret")
                .noneMatch(name -> name.equals("*")
                        || name.contains("**/")
                        || name.contains("dev")
                        || name.contains("data")
                        || name.contains("env"));
    }

    /** The version stands in pom.xml; that of a release is set by one command. */
    @Test
    void nothingElseKnowsOfASnapshot() throws IOException {
        var files = new ArrayList<>(List.of(
                Path.of("Dockerfile"), Path.of("docker-compose.yml"), Path.of("src/main/assembly/release.xml")));
        try (var manifests = Files.walk(Path.of("kubernetes"))) {
            manifests.filter(Files::isRegularFile).forEach(files::add);
        }
        for (var file : files) {
            assertThat(Files.readString(file)).as("%s", file).doesNotContain("SNAPSHOT");
        }
        assertThat(Files.readString(Path.of("pom.xml")).split("-SNAPSHOT", -1))
                .as("pom.xml")
                .hasSizeLessThanOrEqualTo(2);
    }
}
