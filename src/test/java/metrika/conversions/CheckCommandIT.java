package metrika.conversions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.support.Product;

import static org.assertj.core.api.Assertions.assertThat;

/** The command check as a team's continuous integration runs it: on edited routes, in a process of its own. */
class CheckCommandIT {

    @TempDir
    private Path directory;

    private String run(int exit, String... arguments) {
        var builder = new Product.Builder()
                .in(directory)
                // Neither is there to be used
                .with("database.url", "jdbc:postgresql://127.0.0.1:1/none")
                .with("http.port", 1);
        for (var argument : arguments) {
            builder.argument(argument);
        }
        return builder.end(exit);
    }

    private void edit(String file, String from, String to) throws IOException {
        var path = directory.resolve(file);
        var text = Files.readString(path);
        assertThat(text).contains(from);
        Files.writeString(path, text.replace(from, to));
    }

    @Test
    void allFaultsAreToldWithTheirLines() throws Exception {
        Product.copyProject(directory);
        var drop = "routes/sources/in-folder-drop.camel.yaml";
        Files.copy(directory.resolve(drop), directory.resolve("routes/in-copy.camel.yaml"));
        edit(drop, "{{columns}}", "{{colums}}");
        edit(drop, "minAge:", "minimumAge:");
        edit("routes/sources/in-sftp-drop.camel.yaml", "direct:store-file", "direct:store-files");
        edit("routes/sources/in-sftp-drop.camel.yaml", "knownHostsFile:", "privateKey:");
        edit("routes/intake/store-file.camel.yaml", "streaming: true", "steaming: true");
        edit("routes/api/api-show-batch.camel.yaml", "statement: api/show-batch", "statement: api/show-batches");
        edit("routes/delivery/plan-uploads.camel.yaml", "      steps:", "      steps: [");
        edit("routes/sources/in-form.camel.yaml", "ref: httpSource", "ref: httpSauce");
        edit("routes/templates/http-source.kamelet.yaml", "#sourceHeaders", "#sauceHeaders");
        edit("routes/templates/kafka-source.kamelet.yaml", "pollTimeoutMs:", "pollTimeout:");
        edit("routes/templates/kafka-source.kamelet.yaml", "read_committed", "read_all");
        edit("routes/templates/http-source.kamelet.yaml", "platform-http:/", "platform-htp:/");
        edit("routes/templates/folder-drop.kamelet.yaml", "title: Delay", "titel: Delay");
        edit("routes/sources/in-mail.camel.yaml", "\"{{inbound.mail.webhook}}\"", "{{inbound.mail.webhook}}");
        assertThat(run(3, "check").lines().sorted())
                .contains(
                        "routes/in-copy.camel.yaml, line 2: the id is in-folder-drop, and the file's name in-copy:"
                                + " they have to be the same",
                        "routes/sources/in-folder-drop.camel.yaml, line 2: the id in-folder-drop is taken by"
                                + " routes/in-copy.camel.yaml",
                        "routes/sources/in-folder-drop.camel.yaml, line 50: the kamelet folder-drop has no property"
                                + " minimumAge",
                        "routes/sources/in-folder-drop.camel.yaml, line 66: {{colums}} is no setting: give it a line"
                                + " in application.properties",
                        "routes/sources/in-sftp-drop.camel.yaml, line 60: the kamelet sftp-drop needs the property"
                                + " knownHostsFile",
                        "routes/sources/in-form.camel.yaml, line 16: there is no bean httpSauce: is httpSource meant?",
                        "routes/templates/kafka-source.kamelet.yaml, line 145: the component kafka has no option"
                                + " pollTimeout: is pollTimeoutMs meant?",
                        "routes/templates/kafka-source.kamelet.yaml, line 148: isolationLevel is 'read_all': one of"
                                + " read_uncommitted, read_committed is expected",
                        "routes/api/api-show-batch.camel.yaml, line 23: there is no file"
                                + " routes/sql/api/show-batches.sql")
                .anyMatch(line -> line.matches("routes/templates/http-source.kamelet.yaml, line \\d+: there is no bean"
                        + " sauceHeaders: is sourceHeaders meant\\?"))
                .anyMatch(line -> line.matches("routes/templates/http-source.kamelet.yaml, line \\d+: there is no"
                        + " component platform-htp in lib/ or ext/: is platform-http meant\\?"))
                .anyMatch(line -> line.matches(
                        "routes/sources/in-sftp-drop.camel.yaml, line \\d+: no route begins with direct:store-files: is"
                                + " direct:store-file meant\\?"))
                .anyMatch(line -> line.matches("routes/intake/store-file.camel.yaml, line \\d+: .*steaming.*"))
                .anyMatch(line ->
                        line.matches("routes/delivery/plan-uploads.camel.yaml, line \\d+: this is not YAML: .*"))
                .anyMatch(line -> line.matches("routes/sources/in-mail.camel.yaml, line \\d+: a name is expected .*"
                        + "\\{\\{…}} has to stand in quotes.*"))
                .anyMatch(line -> line.matches(
                        "routes/templates/folder-drop.kamelet.yaml, line \\d+: the property has no title"));
    }

    @Test
    void oneFileIsHeldAgainstTheOthersIds() throws Exception {
        Product.copyProject(directory);
        Files.copy(
                directory.resolve("routes/sources/in-folder-drop.camel.yaml"),
                directory.resolve("routes/in-copy.camel.yaml"));
        assertThat(run(3, "check", "routes/sources/in-folder-drop.camel.yaml"))
                .contains("routes/sources/in-folder-drop.camel.yaml, line 2: the id in-folder-drop is taken by"
                        + " routes/in-copy.camel.yaml");
    }
}
