package metrika.conversions.database;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.CRC32;

import metrika.conversions.SettingException;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.postgresql.Driver;

/**
 * Brings the tables up to date with the scripts in {@code db/migration}. Flyway does it, which takes an eighth of a start; a database
 * that these very scripts have made, by the comment of Flyway's table, is not gone through again.
 */
final class Migrations {

    private static final String SCRIPTS = "db/migration/";
    private static final String READ_MARK = "select obj_description(to_regclass('flyway_schema_history'), 'pg_class')";
    private static final int START_RETRIES = 30;

    private final String url;
    private final String user;
    private final String password;

    /** @param url such as {@code jdbc:postgresql://localhost:5432/metrika}; user and password may be in it, and null here */
    Migrations(String url, String user, String password) {
        this.url = url;
        this.user = user;
        this.password = password;
    }

    /** @throws SettingException when the database cannot be reached within half a minute, or not be migrated */
    void run() {
        try {
            var scripts = scripts();
            if (!isMadeBy(scripts)) {
                migrate(scripts);
            }
            // Before the first conversion comes. While the product runs, the route add-days does the same.
            try (var connection = connect(); var statement = connection.createStatement()) {
                statement.execute(Sql.text("add-days"));
            }
        } catch (FlywayException | SQLException e) {
            throw new SettingException("The database cannot be opened or brought up to date (database.url, database.user, "
                    + "database.password): " + e.getMessage().strip());
        }
    }

    private boolean isMadeBy(String scripts) {
        try (var connection = connect(); var statement = connection.createStatement(); var row = statement.executeQuery(READ_MARK)) {
            return row.next() && scripts.equals(row.getString(1));
        } catch (SQLException e) {
            return false; // Flyway tries it for longer, and says what is wrong
        }
    }

    private void migrate(String scripts) {
        Flyway.configure()
                .dataSource(url, user, password)
                .connectRetries(START_RETRIES)
                .connectRetriesInterval(1)
                .placeholders(Map.of("scripts", scripts))
                .load()
                .migrate();
    }

    private Connection connect() throws SQLException {
        var properties = new Properties();
        if (user != null) {
            properties.setProperty("user", user);
        }
        if (password != null) {
            properties.setProperty("password", password);
        }
        var connection = new Driver().connect(url, properties);
        if (connection == null) {
            throw new SQLException("it is not an address of a PostgreSQL server, such as jdbc:postgresql://localhost:5432/metrika");
        }
        return connection;
    }

    /** The scripts' names and checksums. */
    private static String scripts() {
        try {
            var place = Path.of(Migrations.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            var marks = new ArrayList<String>();
            for (var name : Files.isDirectory(place) ? namesInFolder(place) : namesInJar(place)) {
                var checksum = new CRC32();
                try (var script = Migrations.class.getResourceAsStream("/" + SCRIPTS + name)) {
                    checksum.update(script.readAllBytes());
                }
                marks.add("%s %08x".formatted(name, checksum.getValue()));
            }
            return String.join(", ", marks);
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException("the scripts in %s cannot be read".formatted(SCRIPTS), e);
        }
    }

    private static List<String> namesInFolder(Path classes) throws IOException {
        try (var files = Files.list(classes.resolve(SCRIPTS))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static List<String> namesInJar(Path file) throws IOException {
        try (var jar = new JarFile(file.toFile())) {
            return jar.stream().map(JarEntry::getName).filter(name -> name.startsWith(SCRIPTS) && !name.endsWith("/"))
                    .map(name -> name.substring(SCRIPTS.length())).sorted().toList();
        }
    }
}
