package metrika.conversions.sources;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;

import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.UnitOfWorkHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What {@code store-file} takes for a file. */
class FileContentTest {

    @TempDir
    private Path directory;

    private FileContent of(Object body, String name) throws Exception {
        var exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setBody(body);
        exchange.getMessage().setHeader(Exchange.FILE_NAME, name);
        return FileContent.of(exchange, directory);
    }

    @Test
    void bytesTextsAndStreamsAreFiles() throws Exception {
        for (var body : new Object[] {"a;б", "a;б".getBytes(UTF_8), new ByteArrayInputStream("a;б".getBytes(UTF_8))}) {
            var content = of(body, null);
            assertThat(Files.readString(content.file().toPath())).isEqualTo("a;б");
            assertThat(content.name()).isEqualTo("message.csv");
            assertThat(content.encoding()).isEqualTo(body instanceof String ? "utf-8" : null);
        }
    }

    @Test
    void theNameOrTheFirstCharacterTellsWhatIsInIt() throws Exception {
        assertThat(of(" \n[{}]", null).name()).isEqualTo("message.json");
        assertThat(of("\ufeff{}".getBytes(UTF_8), "export").name()).isEqualTo("export.json");
        assertThat(of("a;b", "in/orders.CSV").name()).isEqualTo("orders.CSV");
    }

    @Test
    void aFileStaysWhereItIs() throws Exception {
        var file = Files.writeString(directory.resolve("orders.csv"), "a").toFile();
        assertThat(of(file, null).file()).isEqualTo(file);
        assertThat(of(file.toPath(), null).file()).isEqualTo(file);
    }

    @Test
    void aCopyGoesWithTheExchange() throws Exception {
        var exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setBody("a");
        var copy = FileContent.of(exchange, directory).file();
        assertThat(copy).exists();
        UnitOfWorkHelper.doneSynchronizations(
                exchange, exchange.getExchangeExtension().handoverCompletions());
        assertThat(copy).doesNotExist();
    }

    @Test
    void nothingIsNoFile() {
        assertThatThrownBy(() -> of(null, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bytes, a text or a stream");
    }
}
