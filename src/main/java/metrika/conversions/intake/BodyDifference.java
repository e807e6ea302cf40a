package metrika.conversions.intake;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

import metrika.conversions.database.SqlFile;
import metrika.conversions.text.Counted;

/**
 * In what the conversions of a request differ from those that are stored under its key: what a developer has to know
 * who wonders about a 409. It quotes no value, since it is logged too.
 */
final class BodyDifference {

    private static final String SELECT = SqlFile.text("intake/find-batch-conversions");
    /** The time comes last: a source that takes the time of arrival has another one each time. */
    private static final List<ConversionField> FIELDS = new ArrayList<>(List.of(ConversionField.values()));

    static {
        FIELDS.sort(Comparator.comparing(field -> field == ConversionField.DATE_TIME));
    }

    private BodyDifference() {}

    /**
     * A sentence that begins with a space; empty when nothing is stored any more.
     *
     * @param batch what the key stands for
     * @param size how many conversions it had
     */
    static String find(Connection connection, UUID batch, int size, Conversions given) throws SQLException {
        if (given.size() != size) {
            return " It had %s then, and %d now.".formatted(Counted.of(size, "conversion"), given.size());
        }
        try (var statement = connection.prepareStatement(SELECT)) {
            statement.setObject(1, batch);
            try (var stored = statement.executeQuery()) {
                var compared = 0;
                for (; stored.next(); compared++) {
                    var row = stored.getInt("position"); // of those that are not erased
                    var difference = difference(stored, given, row);
                    if (difference != null) {
                        return " The first difference: conversions[%d].%s.".formatted(given.index(row), difference);
                    }
                }
                return compared < size ? "" : " What is stored of both is the same: they differ in something else.";
            }
        }
    }

    private static ConversionField difference(ResultSet stored, Conversions given, int row) throws SQLException {
        for (var field : FIELDS) {
            var before = stored.getObject(field.toString());
            var now = given.value(field, row);
            var isSame = before instanceof BigDecimal amount && now instanceof BigDecimal other
                    ? amount.compareTo(other) == 0
                    : Objects.equals(before, now);
            if (!isSame) {
                return field;
            }
        }
        return null;
    }
}
