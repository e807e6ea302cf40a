package metrika.conversions.delivery;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

import metrika.conversions.database.SqlFile;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/** What is shown as the file that Metrika would get is what PostgreSQL writes. */
class ConversionCsvTest {

    private static final List<String> TEXTS = List.of("ClientId", "UserId", "Yclid", "PurchaseId", "Target");
    private static final List<String> PIECES = List.of(
            "a", "покупка", "1", "!", "#", " ", "\t", ",", "\"", "\n", "\r", "\r\n", "\\", "\\.", "'", ";", "=", "-",
            "😀", "\u00a0", "\ufeff", "\u0001", "null");

    @Test
    void rowsAreWrittenAsPostgresqlWritesThem() throws Exception {
        var random = new Random(7);
        var rows = new ArrayList<Map<String, Object>>();
        for (int i = 0; i < 3000; i++) {
            var row = new LinkedHashMap<String, Object>();
            for (var column : TEXTS) {
                var text = new StringBuilder();
                random.ints(random.nextInt(4), 0, PIECES.size())
                        .mapToObj(PIECES::get)
                        .forEach(text::append);
                row.put(column, random.nextInt(4) == 0 ? null : text.toString());
            }
            row.put("DateTime", 1764057600L + i);
            row.put("Price", i % 3 == 0 ? null : i + ".50");
            row.put("Currency", i % 3 == 0 ? null : "RUB");
            rows.add(row);
        }
        var written = new ByteArrayOutputStream();
        new ConversionCsv().marshal(null, rows, written);
        assertThat(written.toString(StandardCharsets.UTF_8)).isEqualTo(copied(rows));
        assertThat(SqlFile.text("delivery/upload-content"))
                .as("the same columns")
                .contains(TEXTS.stream().map(name -> "\"" + name + "\"").toList());
    }

    private static String copied(List<Map<String, Object>> rows) throws Exception {
        try (var connection = TestDatabase.create().connection();
                var statement = connection.createStatement()) {
            statement.execute(
                    "create temporary table shown (position serial, \"ClientId\" text, \"UserId\" text, \"Yclid\""
                            + " text, \"PurchaseId\" text, \"Target\" text, \"DateTime\" bigint, \"Price\" text,"
                            + " \"Currency\" text)");
            try (var insert =
                    connection.prepareStatement("insert into shown values (default, ?, ?, ?, ?, ?, ?, ?, ?)")) {
                for (var row : rows) {
                    var column = 1;
                    for (var value : row.values()) {
                        insert.setObject(column++, value);
                    }
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            var copy = new ByteArrayOutputStream();
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyOut(
                            "copy (select \"ClientId\", \"UserId\", \"Yclid\", \"PurchaseId\", \"Target\","
                                    + " \"DateTime\", \"Price\", \"Currency\" from shown order by position) to stdout"
                                    + " (format csv, header)",
                            copy);
            return copy.toString(StandardCharsets.UTF_8);
        }
    }
}
