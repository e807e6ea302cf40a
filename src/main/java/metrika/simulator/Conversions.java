package metrika.simulator;

import java.io.IOException;
import java.util.Map;

import org.apache.commons.csv.CSVRecord;

/** Goes over the rows of all files that were taken, in the order in which they came. */
final class Conversions {
    private Conversions() {}

    /** Takes a row as column name to value. */
    interface Reader {
        void row(Map<String, String> values) throws IOException;
    }

    static void each(UploadStore store, Reader reader) throws IOException {
        for (ReceivedUpload upload : store.all()) {
            try (CsvFile csv = new CsvFile(store.file(upload.id()))) {
                for (CSVRecord row = csv.next(); row != null; row = csv.next()) {
                    reader.row(csv.named(row));
                }
            }
        }
    }
}
