package metrika.conversions.settings;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

import org.apache.camel.spi.PropertiesFunction;

/**
 * Makes a file's content the value of a setting: <code>{{file:/run/secrets/database-password}}</code>, without the line
 * break at its end. Of <code>{{file:?/run/secrets/…}}</code> the file need not be there.
 */
public final class FilePropertiesFunction implements PropertiesFunction {

    private static final String OPTIONAL = "?";

    @Override
    public String getName() {
        return "file";
    }

    /** @throws SettingException that names the file, and tells nothing of what is in it */
    @Override
    public String apply(String remainder) {
        var isOptional = remainder.startsWith(OPTIONAL);
        var name = isOptional ? remainder.substring(OPTIONAL.length()) : remainder;
        try {
            var file = Path.of(name);
            if (isOptional && !Files.exists(file)) {
                return null;
            }
            try {
                return Files.readString(file).replaceFirst("\\R\\z", "");
            } catch (CharacterCodingException e) {
                throw unreadable(name, "it is not UTF-8");
            } catch (IOException e) {
                throw unreadable(name, ReadableFile.reason(file, e));
            }
        } catch (InvalidPathException e) {
            throw unreadable(name, "this is no path");
        }
    }

    private static SettingException unreadable(String name, String reason) {
        return new SettingException("the file %s cannot be read: %s".formatted(name, reason));
    }
}
