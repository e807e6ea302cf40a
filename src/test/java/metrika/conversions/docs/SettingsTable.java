package metrika.conversions.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tables of settings in docs/configuration.md, made from the two files of properties and their comments. */
final class SettingsTable {

    private static final String SECTION = "# --- ";
    private static final String PROFILE = "camel.main.profile";

    /** A line of a properties file. */
    record Setting(String section, String name, String value, String comment) {

        /** Whether it is the product's, and not one of Camel's that the routes rely on. */
        boolean isOurs() {
            return !name.startsWith("camel.") || name.equals(PROFILE);
        }
    }

    private SettingsTable() {}

    /** The settings of a file, in its order, each with the comment right before it. */
    static List<Setting> read(Path file) throws IOException {
        var settings = new ArrayList<Setting>();
        var section = "Profile";
        var comment = new StringBuilder();
        for (var line : Files.readAllLines(file)) {
            if (line.startsWith(SECTION)) {
                section = line.substring(SECTION.length()).replaceFirst(" *-*$", "");
                comment.setLength(0);
            } else if (line.startsWith("#") && !line.startsWith("#" + PROFILE)) { // which Camel lets nobody leave empty
                comment.append(line.substring(1).strip()).append(' ');
            } else if (line.isBlank()) {
                comment.setLength(0);
            } else {
                var equals = line.indexOf('=');
                settings.add(new Setting(
                        section,
                        line.substring(0, equals).replace("#", ""),
                        line.substring(equals + 1),
                        comment.toString().strip()));
                comment.setLength(0);
            }
        }
        return settings;
    }

    /** One table for each section of application.properties, and one for what exists in the profile dev only. */
    static String text(Path project) throws IOException {
        var base = read(project.resolve("application.properties"));
        Map<String, Setting> dev = new LinkedHashMap<>();
        for (var setting : read(project.resolve("application-dev.properties"))) {
            dev.put(setting.name(), setting);
        }
        var text = new StringBuilder();
        var section = "";
        for (var setting : base) {
            var ofDev = dev.remove(setting.name());
            if (!setting.isOurs()) {
                continue;
            }
            if (!section.equals(setting.section())) {
                section = setting.section();
                text.append("\n### ")
                        .append(section)
                        .append("\n\n")
                        .append(Markdown.head("setting", "default", "in `dev`", "what it is"));
            }
            text.append(Markdown.row(
                    Markdown.code(setting.name()),
                    Markdown.code(setting.value()),
                    ofDev == null ? "" : Markdown.code(ofDev.value()),
                    Markdown.text(setting.comment())));
        }
        text.append("\n### Only in the profile dev\n\n").append(Markdown.head("setting", "in `dev`", "what it is"));
        for (var setting : dev.values()) {
            text.append(Markdown.row(
                    Markdown.code(setting.name()), Markdown.code(setting.value()), Markdown.text(setting.comment())));
        }
        return text.append('\n').toString();
    }
}
