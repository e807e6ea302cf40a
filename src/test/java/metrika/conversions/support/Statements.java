package metrika.conversions.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The statements of {@code routes/sql}, as the routes run them. */
public final class Statements {

    private static final Pattern PARAMETER = Pattern.compile(":\\?(?:\\{\\{([a-z.-]+)}}|([a-z_]+(?:\\.[a-z_]+)?))");

    private Statements() {}

    /** The text of a statement, in whichever folder it lies. */
    public static String text(String name) throws IOException {
        try (var files = Files.walk(Path.of("routes", "sql"))) {
            return Files.readString(files.filter(file -> file.endsWith(name + ".sql"))
                    .findFirst()
                    .orElseThrow());
        }
    }

    /**
     * The text of a statement with its parameters' values in it; a parameter that is not among them is null, and a
     * setting has its value among them, else its default. A parameter of a row, as upload.id, is found by its last name
     * too.
     */
    public static String of(String name, Map<String, ?> values) {
        try {
            var settings = new Properties();
            try (var file = Files.newBufferedReader(Path.of("application.properties"))) {
                settings.load(file);
            }
            return PARAMETER.matcher(text(name)).replaceAll(parameter -> {
                var setting = parameter.group(1);
                var full = parameter.group(2);
                Object value = setting != null
                        ? values.containsKey(setting) ? values.get(setting) : settings.getProperty(setting)
                        : values.get(values.containsKey(full) ? full : full.substring(full.indexOf('.') + 1));
                return Matcher.quoteReplacement(
                        value == null ? "null" : "'" + String.valueOf(value).replace("'", "''") + "'");
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
