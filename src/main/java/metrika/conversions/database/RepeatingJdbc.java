package metrika.conversions.database;

import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;

import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Producer;
import org.apache.camel.component.jdbc.JdbcComponent;
import org.apache.camel.component.jdbc.JdbcEndpoint;
import org.apache.camel.support.DefaultProducer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Camel's {@code jdbc}, for all routes, with two things added. The option {@code statement} names the file in
 * {@code routes/sql} that is run, instead of the body, with {@link StatementParameters}. And a statement that
 * PostgreSQL rolled back for the sake of another one, as in a deadlock, is run again: nothing of it was done, since
 * each statement is a transaction of its own.
 */
public final class RepeatingJdbc extends JdbcComponent {

    private static final Logger LOG = LoggerFactory.getLogger(RepeatingJdbc.class);
    /** The option that Camel's own does not have. */
    public static final String STATEMENT = "statement";

    private static final int MAX_RUNS = 4;
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
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        var statement = getAndRemoveParameter(parameters, STATEMENT, String.class);
        var endpoint = (StatementEndpoint) super.createEndpoint(uri, remaining, parameters);
        if (statement != null) {
            endpoint.statement = statement;
            endpoint.setUseHeadersAsParameters(true);
        }
        return endpoint;
    }

    @Override
    protected JdbcEndpoint createEndpoint(String uri, JdbcComponent component, DataSource database) {
        return new StatementEndpoint(uri, component, database);
    }

    private static final class StatementEndpoint extends JdbcEndpoint {

        private String statement;

        StatementEndpoint(String uri, JdbcComponent component, DataSource database) {
            super(uri, component, database);
        }

        @Override
        public Producer createProducer() throws Exception {
            if (statement == null) {
                return new Repeating(this, super.createProducer(), null);
            }
            // Read for each step that is begun, so that a route that is loaded again takes the file as it is then
            var text = SqlFile.text(statement);
            setPrepareStatementStrategy(new StatementParameters(getCamelContext(), text));
            return new Repeating(this, super.createProducer(), text);
        }
    }

    private static final class Repeating extends DefaultProducer {

        private final Producer once;
        private final String statement;

        /** @param statement is run instead of the body; {@code null} for the body */
        Repeating(JdbcEndpoint endpoint, Producer once, String statement) {
            super(endpoint);
            this.once = once;
            this.statement = statement;
        }

        @Override
        public void process(Exchange exchange) throws Exception {
            if (statement != null) {
                exchange.getMessage().setBody(statement);
            }
            for (int run = 1; ; run++) {
                try {
                    once.process(exchange);
                    return;
                } catch (SQLException e) {
                    if (!isRolledBack(e) || run == MAX_RUNS) {
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
