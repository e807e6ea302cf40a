package metrika.conversions.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

import metrika.conversions.settings.ReadableFile;
import metrika.conversions.settings.SettingException;

/** Where settings stand in an installation's files. */
public final class SettingLines {

    /** A name, a separator, or the line before ended in a backslash. */
    private static final Pattern LINE = Pattern.compile("\\s*([^#!\\s=:][^\\s=:]*)\\s*[=:].*|\\s*([^#!\\s=:]+)\\s*");

    private final Map<Path, List<String>> files = new LinkedHashMap<>();

    /** @param files of settings; those that are not there are passed over */
    public SettingLines(Collection<Path> files) {
        for (var file : files) {
            if (Files.exists(file)) {
                try {
                    this.files.put(file, Files.readAllLines(file));
                } catch (IOException e) {
                    throw new SettingException("%s cannot be read: %s".formatted(file, ReadableFile.reason(file, e)));
                }
            }
        }
    }

    /** The lines of each file. */
    Map<Path, List<String>> files() {
        return files;
    }

    /** The names of the settings of a file, by their lines from 1. */
    static Map<Integer, String> names(List<String> lines) {
        var names = new TreeMap<Integer, String>();
        var goesOn = false;
        for (int i = 0; i < lines.size(); i++) {
            var line = lines.get(i);
            var found = LINE.matcher(line);
            if (!goesOn && found.matches()) {
                names.put(i + 1, found.group(1) != null ? found.group(1) : found.group(2));
            }
            goesOn = line.endsWith("\\") && !line.endsWith("\\\\");
        }
        return names;
    }

    /**
     * Something wrong with a setting, where it stands.
     *
     * @param fault that begins with its name
     */
    public Finding finding(String fault) {
        var name = fault.split(" ", 2)[0];
        Finding found = null;
        for (var file : files.entrySet()) {
            for (var line : names(file.getValue()).entrySet()) {
                if (line.getValue().equals(name)) {
                    found = new Finding(file.getKey(), line.getKey(), fault); // the last one counts
                }
            }
        }
        return found == null ? new Finding(Path.of("application.properties"), 0, fault) : found;
    }
}
