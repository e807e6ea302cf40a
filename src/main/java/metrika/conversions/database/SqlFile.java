package metrika.conversions.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import metrika.conversions.settings.SettingException;

/** The statements of {@code routes/sql}, for the beans that run them themselves. */
public final class SqlFile {

    private SqlFile() {}

    /**
     * The text of a statement, read from {@code routes/sql/<name>.sql} below the working directory.
     *
     * @throws SettingException when the file cannot be read
     */
    public static String text(String name) {
        var file = Path.of("routes", "sql", name + ".sql");
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new SettingException("%s cannot be read: start from the folder that holds routes/".formatted(file));
        }
    }
}
