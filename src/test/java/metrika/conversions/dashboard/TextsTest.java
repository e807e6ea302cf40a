package metrika.conversions.dashboard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import metrika.conversions.delivery.BatchErrorCode;
import metrika.conversions.delivery.MetrikaErrorType;

import static org.assertj.core.api.Assertions.assertThat;

/** Every word of the pages is there in both languages, and none stands in a template. */
class TextsTest {

    private static final Pattern KEY = Pattern.compile("\\bt\\(\"([^\"]+)\"[,)]");
    private static final Pattern CHOICE = Pattern.compile("\\? \"([a-z.-]+)\" : \"([a-z.-]+)\"");
    private static final Pattern PLACE = Pattern.compile("\\{\\d}");

    private static List<Path> templates() throws IOException {
        try (var files = Files.list(Path.of("src", "main", "jte"))) {
            return files.sorted().toList();
        }
    }

    @Test
    void bothLanguagesHaveTheSameWordsWithTheSamePlaces() {
        var english = Texts.bundle(Texts.ENGLISH);
        var russian = Texts.bundle(Texts.RUSSIAN);
        assertThat(new TreeSet<>(russian.keySet())).isEqualTo(new TreeSet<>(english.keySet()));
        for (var key : english.keySet()) {
            assertThat(places(russian.getString(key))).as(key).isEqualTo(places(english.getString(key)));
            if (!key.equals("other-language")) {
                assertThat(russian.getString(key)).as(key).containsPattern("[А-Яа-я]");
                assertThat(english.getString(key)).as(key).doesNotContainPattern("[А-Яа-я]");
            }
        }
    }

    private static TreeSet<String> places(String text) {
        var found = new TreeSet<String>();
        PLACE.matcher(text).results().forEach(place -> found.add(place.group()));
        return found;
    }

    @Test
    void templatesUseWordsThatThereAreAndEachOfThem() throws IOException {
        var known = new TreeSet<>(Texts.bundle(Texts.ENGLISH).keySet());
        var used = new TreeSet<String>();
        for (var file : templates()) {
            var text = Files.readString(file);
            KEY.matcher(text).results().forEach(key -> used.add(key.group(1)));
            CHOICE.matcher(text).results().forEach(key -> used.addAll(List.of(key.group(1), key.group(2))));
        }
        used.removeAll(List.of("false", "true"));
        assertThat(known).containsAll(used);
        // The others are named by data
        var byData = new ArrayList<>(known);
        byData.removeAll(used);
        assertThat(byData)
                .allMatch(key -> key.matches(
                        "(problem|problem-help|incident|way-out|place|state|status|way|upload|gone|reason|retries|advice|course|range"
                                + "|unit|plot|counter-check|duration)\\.[a-z0-9_]+"));
    }

    @Test
    void eachKindOfIncidentHasASentenceAndAWayOut() throws IOException {
        var kinds = Pattern.compile("(?s)incident_kinds\\(\\).*?array\\[([^\\]]*)]")
                .matcher(Files.readString(Path.of("src/main/resources/db/migration/R__tally_incidents.sql")));
        assertThat(kinds.find()).isTrue();
        var names = kinds.group(1).replaceAll("[\\s']", "").split(",");
        assertThat(names).hasSizeGreaterThan(5);
        for (var name : names) {
            assertThat(Texts.bundle(Texts.ENGLISH).keySet()).contains("incident." + name, "way-out." + name);
        }
    }

    @Test
    void eachCodeOfAnErrorHasAnAdvice() {
        var codes = Stream.concat(
                        Arrays.stream(BatchErrorCode.values()).map(BatchErrorCode::toString),
                        MetrikaErrorType.names().stream())
                .toList();
        assertThat(codes).hasSizeGreaterThan(20);
        for (var code : codes) {
            assertThat(Texts.bundle(Texts.ENGLISH).keySet()).contains("advice." + code);
        }
    }

    @Test
    void eachStateThatAListIsNarrowedToHasAWord() {
        for (var state : DashboardFilters.BATCH_STATES) {
            assertThat(Texts.bundle(Texts.ENGLISH).keySet()).contains("status." + state);
        }
        for (var state : DashboardFilters.UPLOAD_STATES) {
            assertThat(Texts.bundle(Texts.ENGLISH).keySet()).contains("upload." + state);
        }
    }

    @Test
    void noWordStandsInATemplate() throws IOException {
        for (var file : templates()) {
            var text = Files.readString(file)
                    .replaceAll("(?m)^@(import|param|if|for|endif|endfor|template|else).*$", "")
                    .replaceAll("\\$\\{(?:[^{}\"]|\"[^\"]*\")*}", "")
                    .replaceAll("(?s)<!DOCTYPE.*?>|<[^>]*>", "")
                    .replace("metrika-conversions", "");
            assertThat(text).as("%s", file).doesNotContainPattern("\\p{L}");
        }
    }

    @Test
    void aLanguageIsChosenAsTheBrowserAsks() {
        assertThat(Texts.preferred(null)).isEqualTo("en");
        assertThat(Texts.preferred("ru-RU,ru;q=0.9,en;q=0.8")).isEqualTo("ru");
        assertThat(Texts.preferred("de, en;q=0.1, ru;q=0.5")).isEqualTo("ru");
        assertThat(Texts.preferred("de")).isEqualTo("en");
        assertThat(Texts.preferred("{not a header")).isEqualTo("en");
    }
}
