package metrika.conversions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

import metrika.conversions.web.Json;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What is shipped besides the jar is as docs/security.md promises, as far as that can be read. */
class ShippedTest {

    private static final String USER = "10001:10001";

    @Test
    void theImageRunsAsAUserWithoutRights() throws IOException {
        var lines = Files.readAllLines(Path.of("Dockerfile"));
        var last = lines.lastIndexOf(lines.stream().filter(line -> line.startsWith("FROM ")).reduce((one, other) -> other).orElseThrow());
        var image = lines.subList(last, lines.size());
        assertThat(image).filteredOn(line -> line.startsWith("USER ")).containsExactly("USER " + USER);
        assertThat(image).as("as another user").filteredOn(line -> line.startsWith("RUN ")).isEmpty();
        assertThat(image).as("nothing of the build but what is shipped").filteredOn(line -> line.startsWith("COPY ") || line.startsWith("ADD "))
                .containsExactly("COPY --from=build /app /app");
        assertThat(image).filteredOn(line -> line.startsWith("EXPOSE ")).as("never the management port").containsExactly("EXPOSE 8080");
        assertThat(Files.readString(Path.of("Dockerfile"))).contains("target/bom.json").doesNotContainPattern("(?i)(token|password|key)=");
    }

    @Test
    @SuppressWarnings("unchecked")
    void theContainerCanWriteToTmpOnly() throws IOException {
        var compose = (Map<String, Map<String, Map<String, Object>>>) new Load(LoadSettings.builder().build())
                .loadFromString(Files.readString(Path.of("docker-compose.yml")));
        var product = compose.get("services").get("product");
        assertThat(product.get("user")).isEqualTo(USER);
        assertThat(product.get("read_only")).isEqualTo(true);
        assertThat((List<String>) product.get("tmpfs")).singleElement().asString().startsWith("/tmp:size=");
        assertThat(product).doesNotContainKeys("volumes", "privileged", "cap_add", "network_mode", "pid");
        assertThat((List<String>) product.get("ports")).singleElement().asString().startsWith("127.0.0.1:").endsWith(":8080");
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

    /** Where the product has been built: mvn verify writes both after the tests. */
    @Test
    void theBillOfMaterialsListsWhatIsShipped() throws IOException {
        var bom = Path.of("target", "bom.json");
        var lib = Path.of("target", "lib");
        assumeTrue(Files.exists(bom) && Files.isDirectory(lib));
        var listed = new TreeSet<String>();
        for (var component : Json.MAPPER.readTree(Files.readAllBytes(bom)).get("components")) {
            assertThat(component.get("hashes")).as("%s", component).isNotEmpty();
            assertThat(component.get("version").textValue()).as("%s", component).doesNotContain("SNAPSHOT");
            var classifier = Pattern.compile("classifier=([^&]+)").matcher(component.get("purl").textValue());
            listed.add(component.get("name").textValue() + "-" + component.get("version").textValue()
                    + (classifier.find() ? "-" + classifier.group(1) : "") + ".jar");
        }
        try (var files = Files.list(lib)) {
            assertThat(listed).containsAll(files.map(file -> file.getFileName().toString()).toList());
        }
    }
}
