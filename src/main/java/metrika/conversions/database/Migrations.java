package metrika.conversions.database;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationVersion;
import org.postgresql.Driver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.settings.SettingException;

/**
 * Brings the tables up to date with the scripts in {@code db/migration}: tables by versions ({@code V}), functions and
 * views whenever their script has changed ({@code R}). Flyway does it, which takes an eighth of a start; a database
 * that these very scripts have made, by the comment of Flyway's table, is not gone through again.
 */
final class Migrations {

    private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);

    private static final String SCRIPTS = "db/migration/";
    private static final Pattern VERSION = Pattern.compile("\\bV([0-9.]+)__");
    private static final MigrationVersion FIRST = MigrationVersion.fromVersion("1");
    private static final String READ_MARK = "select current_setting('server_version_num')::int, "
            + "to_regclass('flyway_schema_history') is not null, "
            + "obj_description(to_regclass('flyway_schema_history'), 'pg_class'), "
            + "current_setting('transaction_read_only')::boolean";
    private static final String READ_VERSIONS = "select version, script from flyway_schema_history "
            + "where success and version is not null order by installed_rank";
    /** Scripts that a newer version had, and this one has not, are none of its business. */
    private static final String[] MAY_BE_MISSING = {"*:future", "repeatable:missing"};

    /** How long a server may take to let us in. */
    private static final int CONNECTS_SECONDS = 5;

    private static final int LETS_IN_SECONDS = 10;
    /** A script waits for the locks of others, who wait behind it: so not for long. */
    private static final String LIMITS = "set lock_timeout = '30s'; set statement_timeout = '10min'";
    /** How often, a second apart, it is looked whether another process has done it, which migrates now. */
    private static final int LOOKS_FOR_OTHER_PROCESS = 600;

    private final DatabaseAddress address;
    private final Duration patience;

    /** @param patience how long a server that is not there is waited for */
    Migrations(DatabaseAddress address, Duration patience) {
        this.address = address;
        this.patience = patience;
    }

    /**
     * @throws SettingException when the database cannot be opened, is too old, was made by a newer version or cannot be
     *     migrated; it says what can be done
     */
    void run() {
        var scripts = scripts();
        try (var connection = connectInTime();
                var statement = connection.createStatement()) {
            statement.execute(LIMITS);
            if (!isMadeBy(scripts, statement)) {
                refuseWithoutRight(statement);
                migrate(scripts);
            }
            // Before the first conversion comes. While the product runs, the route create-partitions does the same.
            statement.execute(SqlFile.text("maintenance/create-partitions"));
        } catch (FlywayException | SQLException e) {
            throw new SettingException(DatabaseFault.of(e, address).message());
        }
    }

    private Connection connectInTime() {
        var end = System.nanoTime() + patience.toNanos();
        var isTold = false;
        while (true) {
            try {
                return connect();
            } catch (SQLException e) {
                var fault = DatabaseFault.of(e, address);
                if (!fault.canPass()) {
                    throw new SettingException(fault.message());
                } else if (System.nanoTime() - end >= 0) {
                    throw new SettingException(
                            "%s. It was tried for %d s".formatted(fault.message(), patience.toSeconds()));
                } else if (!isTold) {
                    LOG.warn("{}. It is tried again every second, for {} s", fault.message(), patience.toSeconds());
                    isTold = true;
                }
            }
            try {
                Thread.sleep(1000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SettingException("The start was stopped while it waited for the database");
            }
        }
    }

    private boolean isMadeBy(String scripts, Statement statement) throws SQLException {
        boolean isMade;
        String mark;
        try (var row = statement.executeQuery(READ_MARK)) {
            row.next();
            checkServer(new ServerVersion(row.getInt(1)));
            if (row.getBoolean(4)) {
                throw new SQLException("transactions are read-only", "25006");
            }
            isMade = row.getBoolean(2);
            mark = row.getString(3);
        }
        if (isMade) {
            refuseOtherVersions(scripts, statement);
        }
        return scripts.equals(mark);
    }

    private void checkServer(ServerVersion server) {
        if (server.isTooOld()) {
            throw new SettingException("%s is PostgreSQL %d: %d or newer is needed (database.url)"
                    .formatted(address.shown(), server.major(), ServerVersion.OLDEST));
        }
        if (server.losesUpdates()) {
            LOG.warn(
                    "{} is PostgreSQL {}, which can pass over a row that two statements change at the same time."
                            + " Nothing is lost or sent twice by that, but numbers can be wrong: update it to {} or newer",
                    address.shown(),
                    server,
                    ServerVersion.UPDATES_SAFELY);
        }
    }

    /** A version that does not know all tables would write what the newer one takes for something else. */
    private void refuseOtherVersions(String scripts, Statement statement) throws SQLException {
        var known = newest(scripts);
        try (var row = statement.executeQuery(READ_VERSIONS)) {
            while (row.next()) {
                var made = MigrationVersion.fromVersion(row.getString(1));
                if (made.compareTo(FIRST) == 0 && !scripts.contains(row.getString(2) + " ")) {
                    throw new SettingException(
                            ("The tables of %s were made by a snapshot from before the first release, which no release"
                                            + " takes over: let that snapshot send what waits, then start this"
                                            + " version on an empty"
                                            + " database (database.url, or another folder in the place of data/)")
                                    .formatted(address.shown()));
                }
                if (made.isNewerThan(known)) {
                    throw newer("they are at V%s, this one knows V%s".formatted(made, known));
                }
            }
        }
    }

    /** Functions of an older version would take the place of those that newer processes count on. */
    private void refuseOlderFunctions(Flyway flyway) {
        var info = flyway.info();
        for (var pending : info.pending()) {
            for (var applied : info.applied()) {
                if (pending.getVersion() == null
                        && applied.getVersion() == null
                        && pending.getDescription().equals(applied.getDescription())
                        && pending.getChecksum().equals(applied.getChecksum())) {
                    throw newer("another %s has taken the place of this one's".formatted(pending.getScript()));
                }
            }
        }
    }

    private SettingException newer(String how) {
        return new SettingException(
                "The tables of %s were made by a newer version of this product: %s. Start that version, or a newer one"
                        .formatted(address.shown(), how));
    }

    /** Flyway tries to make its table for ten seconds. */
    private static void refuseWithoutRight(Statement statement) throws SQLException {
        try (var row = statement.executeQuery("select has_schema_privilege(current_schema(), 'create')")) {
            row.next();
            if (!row.getBoolean(1)) {
                throw new SQLException("no right to create in the schema", "42501");
            }
        }
    }

    private void migrate(String scripts) {
        var flyway = Flyway.configure()
                .dataSource(address.url(), address.user(), address.password())
                .initSql(LIMITS)
                .lockRetryCount(LOOKS_FOR_OTHER_PROCESS)
                .ignoreMigrationPatterns(MAY_BE_MISSING)
                .placeholders(Map.of("scripts", scripts))
                .load();
        refuseOlderFunctions(flyway);
        flyway.migrate();
    }

    private Connection connect() throws SQLException {
        var properties = new Properties();
        if (address.user() != null) {
            properties.setProperty("user", address.user());
        }
        if (address.password() != null) {
            properties.setProperty("password", address.password());
        }
        properties.setProperty("connectTimeout", String.valueOf(CONNECTS_SECONDS));
        properties.setProperty("loginTimeout", String.valueOf(LETS_IN_SECONDS));
        properties.setProperty("ApplicationName", "metrika-conversions start");
        return new Driver().connect(address.url(), properties);
    }

    private static MigrationVersion newest(String scripts) {
        return VERSION.matcher(scripts)
                .results()
                .map(script -> MigrationVersion.fromVersion(script.group(1)))
                .max(Comparator.naturalOrder())
                .orElse(MigrationVersion.EMPTY);
    }

    /** The scripts' names and checksums. */
    private static String scripts() {
        try {
            var place = Path.of(Migrations.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
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
            return jar.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.startsWith(SCRIPTS) && !name.endsWith("/"))
                    .map(name -> name.substring(SCRIPTS.length()))
                    .sorted()
                    .toList();
        }
    }
}
