package metrika.conversions.sources;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import metrika.conversions.intake.SourceRow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The lines of a CSV file that are no rows. */
class CsvFrameTest {

    private static final String COLUMNS = "client_id=Кто, target='buy', date_time='2025-07-01T12:00:00Z'";
    private static final String SALES = "Выгрузка, всё\n\nКто;Сумма\n1.1;5\n\n1.2;6\nИтого;11\n";

    private static List<SourceRow> rows(String file, String skipLines, String lastLine) throws IOException {
        try (var rows = new CsvRows(
                new StringReader(file), new Columns(COLUMNS), TextEncoding.UTF_8, CsvFrame.of(skipLines, lastLine))) {
            var all = new ArrayList<SourceRow>();
            rows.forEachRemaining(all::add);
            return all;
        }
    }

    private static String fault(String file, String skipLines, String lastLine) {
        try {
            return rows(file, skipLines, lastLine).toString();
        } catch (BrokenFileException | IOException e) {
            return e.getMessage();
        }
    }

    @Test
    void rowsBeginBehindTheHeadingAndEndBeforeTheLastLine() throws IOException {
        var rows = rows(SALES, "1", "итого");
        assertThat(rows).extracting(SourceRow::line).as("as in the file").containsExactly(4L, 6L);
        assertThat(rows)
                .extracting(row -> (Object) row.fields().get("client_id"))
                .containsExactly("1.1", "1.2");
        assertThat(rows("sep=;\n" + SALES, "2", "Итого")).hasSize(2);
        assertThat(rows("Выгрузка\nsep=,\nКто,x\n1.1,5\n", "1", ""))
                .extracting(SourceRow::line)
                .containsExactly(4L);
        assertThat(rows(SALES, "2", "Итого;11".substring(0, 5))).hasSize(2);
        assertThat(rows("x\nКто;Сумма\nИтого;0\n", "1", "Итого")).isEmpty();
    }

    @Test
    void withoutTheLastLineTheFileIsCutOff() {
        for (var cut : List.of("1.1;5\n1.2;", "1.1;5\n1.2;6\n", "1.1;5\nИто", "")) {
            assertThat(fault("x\nКто;Сумма\n" + cut, "1", "Итого"))
                    .contains("cut off", "does not begin with 'Итого' (last-line)");
        }
        assertThat(fault("x\nКто;Сумма\nИтого;1\n1.1;5\n", "1", "Итого")).contains("cut off");
    }

    @Test
    void aHeadingThatIsNotSkippedIsNoColumns() {
        assertThat(fault(SALES, "", "")).contains("no column 'Кто'");
        assertThat(fault(SALES, "3", ""))
                .endsWith(
                        "no column 'Кто', which is to be the client_id. The columns are: 1.1, 5, behind the 3 lines that"
                                + " skip-lines leaves out");
        assertThat(fault(SALES, "9", ""))
                .isEqualTo("no line is left for the names of the columns: skip-lines leaves out the first 9 lines");
    }

    @Test
    void aFileOfRefusedRowsHasNoFrame() throws IOException {
        var mended = "line;field;reason;Кто;Сумма\n4;price;bad;1.1;5\n";
        assertThat(rows(mended, "1", "Итого"))
                .extracting(row -> (Object) row.fields().get("client_id"))
                .containsExactly("1.1");
    }

    @Test
    void whatIsNoNumberOfLinesIsToldAsThat() {
        assertThatThrownBy(() -> CsvFrame.of("one", null)).hasMessageContaining("skip-lines is 'one'");
        assertThat(CsvFrame.of(" 2 ", " x ")).isEqualTo(new CsvFrame(2, "x"));
        assertThat(CsvFrame.of(null, null)).isEqualTo(CsvFrame.NONE);
    }
}
