package metrika.conversions.intake;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.sql.DataSource;

import com.fasterxml.jackson.core.JsonProcessingException;

import metrika.conversions.database.SqlFile;
import metrika.conversions.ids.TimeOrderedIds;
import metrika.conversions.problem.Json;

/** Refused rows that are kept in the database, since their sender does not read what it is answered. */
final class RefusedRows {

    private static final String KEEP = SqlFile.text("intake/keep-refused-rows");
    /** A character that PostgreSQL has in no text, as JSON writes it: not one after a backslash of its own. */
    private static final Pattern NUL = Pattern.compile("(?<!\\\\)((?:\\\\\\\\)*)\\\\u0000");

    private final DataSource database;
    private final Clock clock;

    RefusedRows(DataSource database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /**
     * Keeps rows, or counts them where they came before.
     *
     * @param file whose lines they are; {@code null} when they are not of one
     */
    void keep(UUID webhook, String source, String file, List<RejectedRow> rows) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(KEEP)) {
            statement.setObject(1, webhook);
            statement.setString(2, source);
            statement.setString(3, file);
            statement.setArray(
                    4,
                    connection.createArrayOf(
                            "uuid",
                            rows.stream()
                                    .map(row -> TimeOrderedIds.create(clock.millis()))
                                    .toArray()));
            statement.setArray(
                    5, texts(connection, rows.stream().map(RefusedRows::json).toList()));
            statement.setArray(
                    6, texts(connection, rows.stream().map(RejectedRow::field).toList()));
            statement.setArray(
                    7, texts(connection, rows.stream().map(RejectedRow::reason).toList()));
            statement.setArray(
                    8,
                    connection.createArrayOf(
                            "int8", rows.stream().map(RejectedRow::line).toArray()));
            statement.executeUpdate();
        }
    }

    private static java.sql.Array texts(Connection connection, List<String> texts) throws SQLException {
        return connection.createArrayOf(
                "text",
                texts.stream()
                        .map(text -> text.replaceAll("[\\x00\\p{Cs}]", "?"))
                        .toArray());
    }

    /** The row as it is in JSON already, or its cells. */
    private static String json(RejectedRow row) {
        var text =
                row.row().size() == 1 && isObject(row.row().get(0)) ? row.row().get(0) : Json.write(row.row());
        return NUL.matcher(text).replaceAll("$1?");
    }

    private static boolean isObject(String text) {
        try {
            return Json.MAPPER.readTree(text).isObject();
        } catch (JsonProcessingException e) {
            return false;
        }
    }
}
