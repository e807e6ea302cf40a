package metrika.conversions.api;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

import org.apache.camel.Exchange;

import metrika.conversions.http.HttpLimits;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.steps.NonBlocking;

/** The bytes of a request's body, unpacked, within {@code limits.body-bytes}. */
public final class RequestBodyDecoder {

    private final int max;

    /** @param max bytes, unpacked */
    public RequestBodyDecoder(int max) {
        this.max = max;
    }

    /**
     * Unpacks a body that came with {@code Content-Encoding: gzip}.
     *
     * @throws ProblemException 413 when it unpacks to too much, 400 when it is not gzip, 415 when it is packed another
     *     way
     */
    @NonBlocking
    public byte[] decode(Exchange exchange) {
        var charset = exchange.getProperty(Exchange.CHARSET_NAME, String.class);
        if (charset != null && !charset.equalsIgnoreCase(StandardCharsets.UTF_8.name())) {
            throw ProblemException.of(415, "The body has to be in UTF-8, not in " + charset);
        }
        var body = decodeInAnyCharset(exchange);
        // JSON in UTF-16 or UTF-32 has a zero, or their mark, among its first two bytes.
        if (body.length > 1 && (body[0] == 0 || body[1] == 0 || (body[0] & 0xff) >= 0xfe)) {
            throw ProblemException.of(415, "The body has to be in UTF-8, not in UTF-16 or UTF-32");
        }
        return body;
    }

    /** The same for a body that says itself, or has to be asked, what its characters are. */
    public byte[] decodeInAnyCharset(Exchange exchange) {
        var body = exchange.getMessage().getBody(byte[].class);
        if (body == null) {
            body = new byte[0];
        }
        var encoding = exchange.getMessage()
                .getHeader("Content-Encoding", "identity", String.class)
                .strip();
        return switch (encoding.toLowerCase(Locale.ROOT)) {
            case "identity", "" -> body;
            case "gzip", "x-gzip" -> gunzip(body);
            default ->
                throw ProblemException.of(415, "The body is packed as '%s': only gzip is taken".formatted(encoding));
        };
    }

    private byte[] gunzip(byte[] packed) {
        try (var gzip = new WholeGzip(packed)) {
            var unpacked = new ByteArrayOutputStream(Math.min(max, 4 * packed.length));
            var buffer = new byte[8192];
            for (int read = gzip.read(buffer); read >= 0; read = gzip.read(buffer)) {
                if (unpacked.size() + read > max) {
                    throw HttpLimits.bodyTooLarge(max);
                }
                unpacked.write(buffer, 0, read);
            }
            gzip.checkEnd();
            return unpacked.toByteArray();
        } catch (IOException e) {
            throw ProblemException.of(400, "The body is not the gzip that Content-Encoding says it is");
        }
    }

    /** A gzip of one or more members, all of it: by itself Java leaves unread whatever follows the last member. */
    private static final class WholeGzip extends GZIPInputStream {

        private static final int TRAILER_BYTES = 8;

        WholeGzip(byte[] packed) throws IOException {
            super(new ByteArrayInputStream(packed), Math.max(512, packed.length));
        }

        void checkEnd() throws IOException {
            if (inf.getRemaining() > TRAILER_BYTES || in.available() > 0) {
                throw new IOException("something follows the last member");
            }
        }
    }
}
