package metrika.conversions.check;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

import metrika.conversions.settings.SettingException;

/** Files of properties beside samples: settings of their tests, headers of a message. */
final class SampleProperties {

    private SampleProperties() {}

    /**
     * What a file in UTF-8 says; nothing when there is none.
     *
     * @throws SettingException when it cannot be read
     */
    static Map<String, String> of(Path file) {
        var read = new Properties();
        if (Files.exists(file)) {
            try (Reader reader = Files.newBufferedReader(file)) {
                read.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                throw new SettingException("%s cannot be read: %s".formatted(file, e.getMessage()));
            }
        }
        var values = new TreeMap<String, String>();
        read.forEach(
                (name, value) -> values.put(name.toString(), value.toString().strip()));
        return values;
    }
}
