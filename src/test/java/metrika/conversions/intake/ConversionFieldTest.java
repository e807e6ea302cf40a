package metrika.conversions.intake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

import static org.assertj.core.api.Assertions.assertThat;

/** Holds what names a conversion's columns by itself to the list of them. */
class ConversionFieldTest {

    private static final List<String> NAMES = ConversionField.names();
    private static final List<String> ROW =
            Stream.concat(Stream.of("batch_id", "position"), NAMES.stream()).toList();

    private static String statement(String name) throws IOException {
        return Files.readString(Path.of("routes/sql/" + name + ".sql"))
                .replaceAll("--[^\n]*", "")
                .replaceAll("\\s+", " ");
    }

    /** What is found, without the name of its table or type. */
    private static List<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private static List<String> list(String pattern, String text) {
        return List.of(found(pattern, text).get(0).replace("c.", "").split(", "));
    }

    @Test
    void aConversionIsStoredWithAllOfThemInTheOrderOfTheParameters() throws IOException {
        var sql = statement("intake/store-batches");
        assertThat(list("insert into conversion \\(([^)]*)\\)", sql)).isEqualTo(ROW);
        assertThat(list("select (c\\.batch_id[^)]*?) from unnest", sql)).isEqualTo(ROW);
        assertThat(list("\\) as c \\((batch_id, position[^)]*)\\)", sql)).isEqualTo(ROW);
        var types = found("from unnest\\(([^)]*)\\) as c \\(batch_id", sql).get(0);
        assertThat(found("\\?::(\\w+)\\[]", types))
                .isEqualTo(Stream.concat(
                                Stream.of("uuid", "int"),
                                Stream.of(ConversionField.values())
                                        .map(field -> field.type()
                                                .name()
                                                .toLowerCase(Locale.ROOT)
                                                .replace("int8", "bigint")))
                        .toList());
    }

    @Test
    void theFileHasAllOfThemUnderMetrikasNames() throws IOException {
        var sql = statement("delivery/upload-content");
        assertThat(found("c\\.(\\w+)(?:::text)? as \"\\w+\"", sql)).isEqualTo(NAMES);
        assertThat(found("as \"(\\w+)\"", sql)).isEqualTo(ConversionField.headers());
        assertThat(list(
                        "header: (.+)",
                        Files.readString(Path.of("routes/delivery/write-csv.camel.yaml"))
                                .replace(",", ", ")))
                .isEqualTo(ConversionField.headers());
    }

    @Test
    void aBatchIsGivenBackWithAllOfThem() throws IOException {
        assertThat(found("'(\\w+)', (?:c\\.|\\w+\\()", statement("api/show-conversions")))
                .containsAll(NAMES);
    }

    @Test
    void aPersonIsErasedByEachThatTellsOfOne() throws IOException {
        var persons = ConversionField.namesOfPersons();
        assertThat(found(":\\?(?:\\w+\\.)?(\\w+)::text[,)]", statement("api/erase-person")))
                .isEqualTo(persons);
        var function = new ArrayList<String>();
        try (var files = Files.list(Path.of("src/main/resources/db/migration"))) {
            for (var file :
                    files.filter(each -> each.toString().endsWith(".sql")).toList()) {
                function.addAll(found("\\bc\\.(\\w+) = a_\\w+", Files.readString(file)));
            }
        }
        assertThat(function).containsExactlyInAnyOrderElementsOf(persons);
    }

    @Test
    void theApiDescribesEach() throws IOException {
        JsonNode schemas = new ObjectMapper()
                .valueToTree(new Load(LoadSettings.builder().build())
                        .loadFromString(Files.readString(Path.of("src/main/resources/openapi.yaml"))))
                .at("/components/schemas");
        assertThat(schemas.at("/Conversion/properties").fieldNames())
                .toIterable()
                .containsExactlyElementsOf(NAMES);
        assertThat(schemas.at("/Person/properties").fieldNames())
                .toIterable()
                .containsExactlyElementsOf(ConversionField.namesOfPersons());
    }

    @Test
    void aNameIsFoundAsItIsAndNoOther() {
        assertThat(NAMES)
                .allSatisfy(name -> assertThat(ConversionField.named(name)).hasToString(name));
        assertThat(ConversionField.named("Client_Id")).isNull();
        assertThat(FieldNameSuggestions.near("clientID")).isEqualTo(ConversionField.CLIENT_ID);
    }
}
