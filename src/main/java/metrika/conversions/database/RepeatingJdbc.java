package metrika.conversions.database;

import java.sql.SQLException;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;

import org.apache.camel.Exchange;
import org.apache.camel.Producer;
import org.apache.camel.component.jdbc.JdbcComponent;
import org.apache.camel.component.jdbc.JdbcEndpoint;
import org.apache.camel.support.DefaultProducer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Camel's {@code jdbc}, for all routes: a statement that PostgreSQL rolled back for the sake of another one, as in a
 * deadlock, is run again. Nothing of it was done, since each statement is a transaction of its own.
 */
public final class RepeatingJdbc extends JdbcComponent {

    private static final Logger LOG = LoggerFactory.getLogger(RepeatingJdbc.class);
    private static final int MOST_RUNS = 4;
    private static final int LONGEST_PAUSE_MILLIS = 100;

    /**
     * Whether a failure says that the transaction was rolled back, and may well succeed when it is run again: class 40
     * of PostgreSQL's SQLSTATEs, but for the one that does not know.
     */
    public static boolean isRolledBack(SQLException failure) {
        var state = failure.getSQLState();
        return state != null && state.startsWith("40") && !state.equals("40003");
    }

    @Override
    protected JdbcEndpoint createEndpoint(String uri, JdbcComponent component, DataSource database) {
        return new JdbcEndpoint(uri, component, database) {
            @Override
            public Producer createProducer() throws Exception {
                return new Repeating(this, super.createProducer());
            }
        };
    }

    private static final class Repeating extends DefaultProducer {

        private final Producer once;

        Repeating(JdbcEndpoint endpoint, Producer once) {
            super(endpoint);
            this.once = once;
        }

        @Override
        public void process(Exchange exchange) throws Exception {
            for (int run = 1; ; run++) {
                try {
                    once.process(exchange);
                    return;
                } catch (SQLException e) {
                    if (!isRolledBack(e) || run == MOST_RUNS) {
                        throw e;
                    }
                    LOG.info(
                            "A statement was rolled back for another one, SQLSTATE {}: it is run again",
                            e.getSQLState());
                    Thread.sleep(ThreadLocalRandom.current().nextInt(1, LONGEST_PAUSE_MILLIS));
                }
            }
        }
    }
}
