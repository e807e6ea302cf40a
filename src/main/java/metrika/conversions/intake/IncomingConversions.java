package metrika.conversions.intake;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.camel.WrappedFile;

import metrika.conversions.auth.SecretGenerator;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;

/**
 * What a source delivers to {@code store-conversions}, in one of its two shapes.
 *
 * @param json JSON in UTF-8, or {@code null}
 * @param rows maps with the API's field names, or {@code null}
 * @param lines where the rows begin in their source, from 1; {@code null} when the first is 1, the second 2 and so on
 * @param part where the rows come from, or {@code null}
 * @param givenHash of what the rows were before they were edited, or {@code null}
 */
public record IncomingConversions(
        byte[] json, List<Map<String, ?>> rows, List<Long> lines, FileChunk part, byte[] givenHash) {

    IncomingConversions(byte[] json, List<Map<String, ?>> rows, List<Long> lines, FileChunk part) {
        this(json, rows, lines, part, null);
    }

    /** The most bytes of a stream that is taken for one request. */
    private static final int MAX_BYTES = 64 << 20;

    /**
     * @param body bytes, a text, a stream or a file of JSON; a map, a list or a stream of maps or of {@link SourceRow
     *     rows}; a part
     * @param max rows; of a longer stream one more is read, to be refused
     * @throws IllegalArgumentException when it is nothing of all that
     */
    public static IncomingConversions of(Object body, int max) {
        if (body instanceof IncomingConversions read) {
            return read;
        }
        if (body instanceof byte[] bytes) {
            return new IncomingConversions(bytes, null, null, null);
        }
        if (body instanceof String text) {
            return new IncomingConversions(text.getBytes(StandardCharsets.UTF_8), null, null, null);
        }
        if (body instanceof FileChunk part) {
            return new IncomingConversions(
                    null,
                    part.rows().stream().<Map<String, ?>>map(SourceRow::fields).toList(),
                    null,
                    part);
        }
        if (body instanceof Map<?, ?> row) {
            return new IncomingConversions(null, List.of(map(row)), null, null);
        }
        if (body instanceof Iterable<?> rows) {
            return of(rows.iterator(), max);
        }
        if (body instanceof Iterator<?> rows) {
            var list = new ArrayList<Map<String, ?>>();
            var lines = new ArrayList<Long>();
            while (rows.hasNext() && list.size() <= max) {
                var next = rows.next();
                list.add(map(next instanceof SourceRow row ? row.fields() : next));
                lines.add(next instanceof SourceRow row ? row.line() : (long) list.size());
            }
            return new IncomingConversions(null, list, lines, null);
        }
        try {
            if (body instanceof InputStream stream) {
                return new IncomingConversions(bounded(stream), null, null, null);
            }
            if ((body instanceof WrappedFile<?> wrapped ? wrapped.getFile() : body) instanceof File file) {
                try (var stream = Files.newInputStream(file.toPath())) {
                    return new IncomingConversions(bounded(stream), null, null, null);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("what a source delivered cannot be read", e);
        }
        throw new IllegalArgumentException(
                "conversions come as JSON (bytes, text, stream) or as maps (one, a list, a stream), not as "
                        + (body == null ? "nothing" : body.getClass().getName()));
    }

    /** What an idempotency key is held against. A part's key alone says what is in it. */
    byte[] hash() {
        return givenHash != null
                ? givenHash
                : SecretGenerator.sha256(
                        part != null
                                ? part.key().getBytes(StandardCharsets.UTF_8)
                                : json != null ? json : Json.write(rows).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The same with its conversions edited. Their places stay, and what an idempotency key is held against.
     *
     * @param conversions as many as there were, in their order
     */
    IncomingConversions edited(List<EditedConversion> conversions) {
        if (part == null) {
            return new IncomingConversions(null, List.copyOf(conversions), lines, null, hash());
        }
        var rows = new ArrayList<SourceRow>();
        for (int i = 0; i < conversions.size(); i++) {
            var before = part.rows().get(i);
            rows.add(new SourceRow(before.line(), conversions.get(i), before.source(), before.fault()));
        }
        return new IncomingConversions(
                null,
                List.copyOf(conversions),
                null,
                new FileChunk(part.key(), rows, part.rowKeys(), part.isChangeIgnored()),
                hash());
    }

    /** Whether it has rows, and no more than a request may have. */
    public boolean hasSizeUpTo(int max) {
        return rows == null || !rows.isEmpty() && rows.size() <= max;
    }

    /** The rows with their places, where bad ones may be left out. JSON is taken whole or not at all. */
    public List<SourceRow> asRows() {
        if (part != null) {
            return part.rows();
        }
        if (rows == null) {
            throw new IllegalArgumentException(
                    "bad rows can be left out of maps only: JSON is taken whole or not at all");
        }
        var list = new ArrayList<SourceRow>();
        rows.forEach(row -> list.add(new SourceRow(
                lines == null ? list.size() + 1L : lines.get(list.size()),
                row,
                List.of(Json.write(MappedConversion.shown(row))))));
        return list;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, ?> map(Object row) {
        if (!(row instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException("a row has to be a map of the API's field names, not "
                    + (row == null ? "nothing" : row.getClass().getName()));
        }
        for (var entry : map.entrySet()) {
            if (!(entry.getKey() instanceof String) || !RowValues.isPlain(entry.getValue())) {
                var copy = new LinkedHashMap<String, Object>();
                map.forEach((key, value) -> copy.put(String.valueOf(key), RowValues.plain(value)));
                return copy;
            }
        }
        return (Map<String, ?>) map;
    }

    private static byte[] bounded(InputStream stream) throws IOException {
        var bytes = stream.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw ProblemException.of(413, "More than %d bytes are too many for one request".formatted(MAX_BYTES));
        }
        return bytes;
    }
}
