package metrika.conversions.database;

import java.lang.reflect.RecordComponent;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.jdbc.JdbcPrepareStatementStrategy;

/**
 * The parameters of a statement that a route runs: {@code :?offset} is the variable {@code offset}, {@code :?page_size}
 * the variable {@code page-size}, {@code :?upload.id} the field {@code id} of the variable {@code upload}, a map or a
 * record; {@code :?{{upload.lease}}} is a setting. Of a message only variables count: headers may come from a caller.
 */
public final class StatementParameters implements JdbcPrepareStatementStrategy {

    private static final Pattern PARAMETER = Pattern.compile(":\\?(?:(\\{\\{[^}]+}})|([a-z_]+)(?:\\.([a-z_]+))?)");
    private static final Pattern TEXT_OR_PARAMETER =
            Pattern.compile("--.*|'(?:[^']|'')*'|" + PARAMETER.pattern() + "|\\?");

    private final CamelContext context;

    /**
     * @param context has the settings
     * @param statement whose settings are looked for at once, so that one that is missing is told at the start
     */
    StatementParameters(CamelContext context, String statement) {
        this.context = context;
        PARAMETER
                .matcher(statement)
                .results()
                .map(parameter -> parameter.group(1))
                .filter(Objects::nonNull)
                .forEach(context::resolvePropertyPlaceholders);
    }

    /**
     * A statement as PostgreSQL gets it, with {@code $1}, {@code $2}, … for its parameters and for the {@code ?} of
     * those that Java runs, on the same lines.
     */
    public static String numbered(String statement) {
        var number = new AtomicInteger();
        return TEXT_OR_PARAMETER
                .matcher(statement)
                .replaceAll(
                        part -> part.group().startsWith(":?") || part.group().equals("?")
                                ? "\\$" + number.incrementAndGet()
                                : Matcher.quoteReplacement(part.group()));
    }

    @Override
    public String prepareQuery(String query, boolean allowNamedParameters) {
        return PARAMETER.matcher(query).replaceAll("?");
    }

    @Override
    public Iterator<?> createPopulateIterator(
            String query, String preparedQuery, int expectedParams, Exchange exchange, Object value) {
        return PARAMETER
                .matcher(query)
                .results()
                .map(parameter -> value(exchange, parameter))
                .iterator();
    }

    @Override
    public void populateStatement(PreparedStatement statement, Iterator<?> values, int expectedParams)
            throws SQLException {
        for (int i = 1; i <= expectedParams; i++) {
            statement.setObject(i, values.next());
        }
    }

    private Object value(Exchange exchange, MatchResult parameter) {
        if (parameter.group(1) != null) {
            return context.resolvePropertyPlaceholders(parameter.group(1));
        }
        var name = parameter.group(2);
        var field = parameter.group(3);
        var value = exchange.getVariable(name);
        if (value == null) {
            value = exchange.getVariable(name.replace('_', '-'));
        }
        if (value == null) {
            throw new IllegalArgumentException("There is no variable %s for the parameter %s of the statement"
                    .formatted(name.replace('_', '-'), parameter.group()));
        }
        if (field == null) {
            return value;
        }
        if (value instanceof Map<?, ?> row && row.containsKey(field)) {
            return row.get(field);
        }
        if (value instanceof Record row) {
            for (var component : row.getClass().getRecordComponents()) {
                if (component.getName().equals(field)) {
                    return read(row, component);
                }
            }
        }
        throw new IllegalArgumentException("The variable %s has no field %s for the parameter %s of the statement"
                .formatted(name.replace('_', '-'), field, parameter.group()));
    }

    private static Object read(Record row, RecordComponent component) {
        try {
            return component.getAccessor().invoke(row);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "%s of %s cannot be read"
                            .formatted(component.getName(), row.getClass().getName()),
                    e);
        }
    }
}
