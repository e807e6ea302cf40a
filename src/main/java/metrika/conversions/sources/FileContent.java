package metrika.conversions.sources;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

import org.apache.camel.Exchange;
import org.apache.camel.WrappedFile;
import org.apache.camel.support.SynchronizationAdapter;

/**
 * The file that a source delivers, on this machine: where the body is bytes, a text or a stream, a copy that lasts as
 * long as the exchange.
 *
 * @param name as its source calls it; its end tells CSV, JSON and XML apart
 * @param encoding of a text, which has left its own behind; else {@code null}
 */
record FileContent(String name, File file, String encoding) {

    private static final String KINDS = ".*\\.(csv|json|jsonl|ndjson|xml)";

    /**
     * The file that is the body.
     *
     * @param directory where a copy is made
     * @throws IllegalArgumentException when the body is nothing of that
     */
    static FileContent of(Exchange exchange, Path directory) throws IOException {
        var body = exchange.getMessage().getBody();
        // A remote file that was copied to this machine has the copy for its body.
        var content = body instanceof WrappedFile<?> wrapped
                ? wrapped.getFile() instanceof File local && !(wrapped.getBody() instanceof File)
                        ? local
                        : wrapped.getBody()
                : body;
        if (content instanceof Path path) {
            content = path.toFile();
        }
        if (content instanceof File local) {
            return new FileContent(
                    exchange.getMessage().getHeader(Exchange.FILE_NAME_ONLY, local.getName(), String.class),
                    local,
                    null);
        }
        var stream = content instanceof CharSequence text
                ? new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8))
                : content == null
                        ? null
                        : exchange.getContext().getTypeConverter().tryConvertTo(InputStream.class, exchange, content);
        if (stream == null) {
            throw new IllegalArgumentException(
                    "store-file takes a file, bytes, a text or a stream as the body, not %s: set it to one of them"
                            .formatted(
                                    content == null
                                            ? "nothing"
                                            : content.getClass().getName()));
        }
        var copy = Files.createTempFile(directory, "received-", ".tmp");
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                copy.toFile().delete();
            }
        });
        try (stream) {
            Files.copy(stream, copy, StandardCopyOption.REPLACE_EXISTING);
        }
        return new FileContent(name(exchange, copy), copy.toFile(), content instanceof CharSequence ? "utf-8" : null);
    }

    /** A name that says what is in it: its own, or one by how it begins. */
    private static String name(Exchange exchange, Path copy) throws IOException {
        var message = exchange.getMessage();
        var given = message.getHeader(Exchange.FILE_NAME_ONLY, String.class);
        if (given == null && message.getHeader(Exchange.FILE_NAME, String.class) != null) {
            given = new File(message.getHeader(Exchange.FILE_NAME, String.class)).getName();
        }
        if (given != null && given.toLowerCase(Locale.ROOT).matches(KINDS)) {
            return given;
        }
        return (given == null ? "message" : given) + ending(copy);
    }

    private static String ending(Path copy) throws IOException {
        try (var stream = Files.newInputStream(copy)) {
            var start = new String(stream.readNBytes(64), StandardCharsets.ISO_8859_1)
                    .replaceFirst("^\u00ef\u00bb\u00bf", "")
                    .strip();
            return start.startsWith("<") ? ".xml" : start.startsWith("{") || start.startsWith("[") ? ".json" : ".csv";
        }
    }
}
