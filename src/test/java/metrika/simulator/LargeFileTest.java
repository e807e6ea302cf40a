package metrika.simulator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.simulator.MetrikaClient.Answer;

import static org.assertj.core.api.Assertions.assertThat;

class LargeFileTest extends WithSimulator {
    private static final int ROWS = 300_000;

    @Test
    void takes300000RowsAsTheyAre(@TempDir Path files) throws IOException {
        Path file = CsvFiles.write(files.resolve("large.csv"), ROWS);

        Answer answer = metrika.send(metrika.uploadRequest("?comment=large", MetrikaClient.fileBody(file)));

        assertThat(answer.json().at("/uploading/line_quantity").asInt()).isEqualTo(ROWS);
        assertThat(Files.mismatch(directory.resolve(answer.id() + ".csv"), file))
                .isEqualTo(-1);
        assertThat(simulator.account()).containsExactly(new CounterAccount(MetrikaClient.COUNTER, 1, ROWS, ROWS, 0));
    }
}
