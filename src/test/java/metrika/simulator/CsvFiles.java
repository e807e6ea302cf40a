package metrika.simulator;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Large files for tests. */
final class CsvFiles {
    private CsvFiles() {}

    /** Rows that differ from one another. */
    static Path write(Path file, int rows) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write(MetrikaClient.HEADER);
            for (int row = 0; row < rows; row++) {
                out.write("133591247640" + row + ",,,\"order, " + row + "\",order_confirmed," + (1481718166 + row)
                        + ",123.45,RUB\n");
            }
        }
        return file;
    }
}
