package metrika.conversions.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Kamelets as editors read them: held against the definition of the resource Kamelet that Camel publishes. Kaoto goes
 * by it, and by the schema of Camel's YAML, which the command check and its test hold all routes and templates against.
 */
class KameletsTest {

    static List<Path> kamelets() throws IOException {
        try (var files = Files.list(Path.of("routes/templates"))) {
            return files.sorted().toList();
        }
    }

    private static JsonNode definition(Path directory) throws IOException {
        try (var stream = KameletsTest.class.getResourceAsStream("/camel.apache.org_kamelets.yaml")) {
            Files.write(directory.resolve("definition.yaml"), stream.readAllBytes());
        }
        var found = new ArrayList<Finding>();
        var definition = YamlFile.read(directory.resolve("definition.yaml"), found::add);
        assertThat(found).isEmpty();
        return definition.tree().at("/spec/versions/0/schema/openAPIV3Schema");
    }

    @ParameterizedTest
    @MethodSource("kamelets")
    void aKameletIsWhatCamelCallsOne(Path file, @TempDir Path directory) throws IOException {
        var kamelet = YamlFile.read(file, finding -> {
                    throw new AssertionError(finding);
                })
                .tree();
        var schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(definition(directory));
        assertThat(schema.validate(kamelet)).isEmpty();
        assertThat(kamelet.at("/metadata/labels/camel.apache.org~1kamelet.type").asText())
                .isIn("source", "action");
        assertThat(kamelet.at("/metadata/annotations/camel.apache.org~1kamelet.icon")
                        .asText())
                .startsWith("data:image/svg+xml;base64,");
        assertThat(kamelet.at("/spec/definition/description").asText()).isNotEmpty();
    }

    @Test
    void whatCamelWouldNotTakeIsFound(@TempDir Path directory) throws IOException {
        var broken = Files.writeString(
                directory.resolve("x.kamelet.yaml"),
                Files.readString(Path.of("routes/templates/folder-drop.kamelet.yaml"))
                        .replace("title: Folder drop", "title: 7")
                        .replace("mediaType:", "media:"));
        var schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(definition(directory));
        assertThat(schema.validate(YamlFile.read(broken, finding -> {
                            throw new AssertionError(finding);
                        })
                        .tree()))
                .isNotEmpty();
    }
}
