package metrika.conversions.database;

import java.lang.reflect.RecordComponent;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.Map;
import java.util.regex.Pattern;

import org.apache.camel.Exchange;
import org.apache.camel.component.jdbc.JdbcPrepareStatementStrategy;

/**
 * The parameters of a statement that a route runs: {@code :?offset} is the variable {@code offset}, {@code :?page_size}
 * the variable {@code page-size}, {@code :?upload.id} the field {@code id} of the variable {@code upload}, a map or a
 * record. Only variables count: headers may come from a caller.
 */
public final class StatementParameters implements JdbcPrepareStatementStrategy {

    private static final Pattern PARAMETER = Pattern.compile(":\\?([a-z_]+)(?:\\.([a-z_]+))?");

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
                .map(parameter -> value(exchange, parameter.group(), parameter.group(1), parameter.group(2)))
                .iterator();
    }

    @Override
    public void populateStatement(PreparedStatement statement, Iterator<?> values, int expectedParams)
            throws SQLException {
        for (int i = 1; i <= expectedParams; i++) {
            statement.setObject(i, values.next());
        }
    }

    private static Object value(Exchange exchange, String parameter, String name, String field) {
        var value = exchange.getVariable(name);
        if (value == null) {
            value = exchange.getVariable(name.replace('_', '-'));
        }
        if (value == null) {
            throw new IllegalArgumentException("There is no variable %s for the parameter %s of the statement"
                    .formatted(name.replace('_', '-'), parameter));
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
                .formatted(name.replace('_', '-'), field, parameter));
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
