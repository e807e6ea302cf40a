package metrika.conversions.delivery;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.simulator.Fault;
import metrika.simulator.Operation;
import metrika.simulator.Point;
import metrika.simulator.Simulator;

import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What Metrika says of several uploads is recorded with their rows locked in the order of their ids, whatever order
 * they lie in: two processes that are at the same ones would else wait for each other.
 */
class UploadLocksIT {

    private final TestDatabase database = TestDatabase.create();
    private final Simulator metrika = Shared.metrika("locks");
    private Product product;
    private List<Long> uploads;

    /** Three uploads that Metrika is just being asked about, and that lie in the table in the opposite order. */
    @BeforeEach
    void ask() {
        product = Product.on(database, metrika.url()).start();
        var webhook = product.webhook(1);
        // Neither is asked about before all three can be
        metrika.fault(
                Fault.error(500, "backend_error", "Later").on(Operation.LIST).times(0));
        for (int i = 0; i < 3; i++) {
            webhook.awaitStatus(webhook.batch(conversion()), "uploaded");
        }
        uploads = database.query("select id from upload order by id").stream()
                .map(row -> (Long) row.get("id"))
                .toList();
        assertThat(uploads).hasSize(3);
        // Each was asked about in vain for so long that it is not asked about again for minutes
        database.update("update upload set failure_count = 20");
        await().until(() -> database.<Long>value(
                        "select count(*) from upload where next_attempt_at > clock() + interval '1 minute'")
                == 3);
        database.update("update upload set updated_at = updated_at where id = ?", uploads.get(1));
        database.update("update upload set updated_at = updated_at where id = ?", uploads.get(0));
        metrika.clearFaults();
        metrika.fault(Fault.stall(Point.BEFORE_ANSWER).on(Operation.LIST).times(1));
        database.update("update upload set next_attempt_at = clock(), errors = null");
        await().until(() -> metrika.held() == 1);
    }

    @AfterEach
    void stop() {
        metrika.close();
        product.close();
    }

    @Test
    void whatAListSays() throws SQLException {
        assertLockedInOrder(metrika::release);
        await().until(() -> database.<Long>value("select count(*) from upload where state = 'completed'") == 3);
    }

    @Test
    void thatThereWasNoAnswer() throws SQLException {
        assertLockedInOrder(metrika::close);
        await().until(() -> failed() == 3);
    }

    private long failed() {
        return database.value("select count(*) from upload where errors is not null");
    }

    /**
     * Holds the second upload while the product records the answer: it has to have the first then, and not the third.
     */
    private void assertLockedInOrder(Runnable answer) throws SQLException {
        try (var holder = DriverManager.getConnection(database.url());
                var statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("select from upload where id = " + uploads.get(1) + " for update");
            answer.run();
            await("the product waits for it")
                    .until(() -> database.<Long>value("select count(*) from pg_stat_activity "
                                    + "where datname = current_database() and wait_event_type = 'Lock'")
                            > 0);
            assertThat(free()).containsExactly(uploads.get(2));
        }
    }

    private List<Long> free() throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.url());
                var statement = connection.createStatement();
                var rows = statement.executeQuery("select id from upload order by id for update skip locked")) {
            var free = new ArrayList<Long>();
            while (rows.next()) {
                free.add(rows.getLong(1));
            }
            return free;
        }
    }
}
