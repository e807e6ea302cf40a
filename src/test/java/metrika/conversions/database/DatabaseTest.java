package metrika.conversions.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.settings.Settings;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** What the connections are, by what they are for. */
class DatabaseTest {

    private final TestDatabase server = TestDatabase.create();
    private final String name = server.value("select current_database()::text");
    private Database database;
    private Map<String, DataSource> pools;

    @TempDir
    private Path directory;

    @BeforeEach
    void open() throws IOException, SQLException {
        server.update("alter database %s set synchronous_commit = off".formatted(name));
        reopen();
    }

    private void reopen() throws IOException, SQLException {
        Files.writeString(
                directory.resolve("application.properties"),
                Files.readString(Path.of("application.properties")) + "\ndatabase.url=" + server.url() + "\n");
        database = new Database(Settings.in(directory), 2, 2);
        database.await();
        var pools = database.pools();
        this.pools = Map.of(
                "writer",
                pools.writer(),
                "status",
                pools.status(),
                "callers",
                pools.callers(),
                "reports",
                pools.reports(),
                "delivery",
                pools.delivery());
    }

    @AfterEach
    void close() throws InterruptedException {
        database.close();
    }

    private static String show(DataSource pool, String setting) {
        try (var connection = pool.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("show " + setting)) {
            row.next();
            return row.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatIsCommittedIsKeptWhateverTheServersDefaultIs() throws Exception {
        assertThat(pools.values())
                .allSatisfy(pool -> assertThat(show(pool, "synchronous_commit")).isEqualTo("on"));
        close();
        for (var setting : Map.of("local", "on", "remote_write", "on", "remote_apply", "remote_apply")
                .entrySet()) {
            server.update("alter database %s set synchronous_commit = %s".formatted(name, setting.getKey()));
            reopen();
            assertThat(pools.values())
                    .allSatisfy(
                            pool -> assertThat(show(pool, "synchronous_commit")).isEqualTo(setting.getValue()));
            close();
        }
    }

    @Test
    void onlyTheHotStatementIsPlannedOnceForAllParameters() {
        pools.forEach((use, pool) -> assertThat(show(pool, "plan_cache_mode"))
                .as(use)
                .isEqualTo(use.equals("writer") ? "force_generic_plan" : "auto"));
    }

    @Test
    void aServerThatMayLoseWhatItCommittedIsNamed() throws SQLException {
        assertThat(DurabilityCheck.risks(pools.get("writer")))
                .doesNotContainKey("full_page_writes")
                .as("as tests have it")
                .containsKey("fsync");
        server.update("alter system set full_page_writes = off");
        server.value("select pg_reload_conf()");
        try {
            await().until(
                            () -> DurabilityCheck.risks(pools.get("writer")),
                            risks -> risks.containsKey("full_page_writes"));
        } finally {
            server.update("alter system reset full_page_writes");
            server.value("select pg_reload_conf()");
        }
    }

    @Test
    void aStatementOfAReportEndsInTime() {
        // Side by side: each takes the seconds that its statements have
        var all = List.of("status", "callers", "reports", "writer").stream()
                .map(use ->
                        CompletableFuture.runAsync(() -> assertEndsInTime(use), command -> new Thread(command).start()))
                .toList();
        all.forEach(CompletableFuture::join);
    }

    private void assertEndsInTime(String use) {
        try (var connection = pools.get(use).getConnection();
                var statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("select pg_sleep(30)"))
                    .as(use)
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
            assertThat(connection.isValid(1))
                    .as("%s: the connection goes on", use)
                    .isTrue();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aPoolThatIsBusyIsNotTakenForAnAbsentDatabase() throws SQLException {
        var status = pools.get("status");
        var taken = new ArrayList<Connection>();
        for (int i = 0; i < 4; i++) {
            taken.add(status.getConnection());
        }
        assertThatThrownBy(status::getConnection).isInstanceOf(SQLException.class);
        taken.remove(0).close();
        status.getConnection().close(); // at once, where an absent database would be left alone for a second
        for (var connection : taken) {
            connection.close();
        }
    }
}
