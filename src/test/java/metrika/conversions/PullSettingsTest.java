package metrika.conversions;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.settings.Settings;

import static org.assertj.core.api.Assertions.assertThat;

/** Sources that pull and are settings alone: what they have to be told. */
class PullSettingsTest {

    @TempDir
    private Path folder;

    private Settings settings(List<String> lines) throws Exception {
        var file = new ArrayList<String>();
        try (var own = Files.lines(Path.of("application.properties"))) {
            own.filter(line -> line.matches("inbound\\.(rest|sql)-pull\\..*")).forEach(file::add);
        }
        file.addAll(lines);
        Files.writeString(folder.resolve("application.properties"), String.join("\n", file));
        return Settings.in(folder);
    }

    private Map<String, List<String>> faults(String... lines) throws Exception {
        return SourceSettings.faults(settings(List.of(lines)));
    }

    @Test
    void whatIsMissingIsNamed() throws Exception {
        assertThat(faults("inbound.x.type=rest-pull", "inbound.x.enabled=true")).hasEntrySatisfying("x", missing -> {
            assertThat(String.join("\n", missing))
                    .contains("inbound.x.webhook", "inbound.x.address", "inbound.x.cursor", "inbound.x.key")
                    .doesNotContain("username", "password");
            assertThat(missing).hasSize(4);
        });
        assertThat(faults("inbound.x.type=sql-pull", "inbound.x.enabled=true")).hasEntrySatisfying("x", missing -> {
            assertThat(String.join("\n", missing))
                    .contains("inbound.x.webhook", "inbound.x.data-source", "inbound.x.query", "inbound.x.key");
            assertThat(missing).hasSize(5);
        });
    }

    @Test
    void whatIsWrongIsNamed() throws Exception {
        var source = new String[] {
            "inbound.x.type=rest-pull",
            "inbound.x.enabled=true",
            "inbound.x.webhook=w",
            "inbound.x.address=https://x.example/o?filter=(a gt 1)&skip={offset}",
            "inbound.x.cursor=changed",
            "inbound.x.key=id",
            "inbound.x.username=u",
            "inbound.x.page-size=0",
            "inbound.x.cursor-format=seconds",
            "inbound.x.count-pages=yes",
            "inbound.x.timeout=1m",
            "inbound.x.token-address=https://x.example/token",
            "inbound.x.scope={a:{}}",
            "inbound.x.body=page={page}"
        };
        assertThat(String.join("\n", faults(source).get("x")))
                .contains(
                        "inbound.x.password (INBOUND_X_PASSWORD) is not set",
                        "inbound.x.cursor-format (INBOUND_X_CURSOR_FORMAT) is 'seconds': iso, local, unix,",
                        "inbound.x.count-pages (INBOUND_X_COUNT_PAGES) is 'yes': true or false",
                        "inbound.x.timeout (INBOUND_X_TIMEOUT) is '1m': a whole number",
                        "inbound.x.scope has }}, which ends the name of a setting: write } }",
                        "inbound.x.address has )&, at which it would end: write %29&",
                        "inbound.x: {offset} needs page-size",
                        "inbound.x: username is given besides token-address",
                        "inbound.x: body is no JSON");
    }

    @Test
    void whatIsCompleteHasNoFault() throws Exception {
        assertThat(faults(
                        "inbound.x.type=rest-pull",
                        "inbound.x.enabled=true",
                        "inbound.x.webhook=w",
                        "inbound.x.address=https://x.example/o?page={page}",
                        "inbound.x.authorization=Bearer K",
                        "inbound.x.count-pages=true",
                        "inbound.x.cursor=changed",
                        "inbound.x.key=id"))
                .isEmpty();
    }
}
