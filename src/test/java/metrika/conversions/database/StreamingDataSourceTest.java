package metrika.conversions.database;

import java.sql.SQLException;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Rows that PostgreSQL sends piece by piece. */
class StreamingDataSourceTest {

    private final HikariDataSource pool = new HikariDataSource();

    @BeforeEach
    void open() {
        pool.setJdbcUrl(TestDatabase.empty().url());
        pool.setMaximumPoolSize(1);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void aRowIsReadBeforeTheNextOneIsMade() throws SQLException {
        try (var connection = new StreamingDataSource(pool).getConnection();
                var statement = connection.prepareStatement("select 1 / (3 - generate_series(1, 3))")) {
            statement.setFetchSize(1);
            try (var rows = statement.executeQuery()) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.next()).isTrue();
                assertThatThrownBy(rows::next).hasMessageContaining("division by zero");
            }
        }
    }

    @Test
    void thePoolGetsBackAConnectionAsItWas() throws SQLException {
        try (var connection = new StreamingDataSource(pool).getConnection();
                var statement = connection.createStatement()) {
            assertThat(statement.execute("select 1")).isTrue();
        }
        try (var connection = pool.getConnection();
                var statement = connection.createStatement();
                var settings = statement.executeQuery(
                        "select current_setting('plan_cache_mode'), current_setting('transaction_read_only')")) {
            assertThat(connection.getAutoCommit()).isTrue();
            assertThat(settings.next()).isTrue();
            assertThat(settings.getString(1)).isEqualTo("auto");
            assertThat(settings.getString(2)).isEqualTo("off");
        }
    }
}
