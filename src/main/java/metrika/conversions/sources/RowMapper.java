package metrika.conversions.sources;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

import org.apache.camel.Body;
import org.apache.camel.Variable;

import metrika.conversions.intake.ConversionStore;
import metrika.conversions.intake.MappedConversion;
import metrika.conversions.intake.RowValues;
import metrika.conversions.intake.SourceRow;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;

/** Maps a message to rows, by the same columns as files. */
public final class RowMapper {

    /** What columns say of {@code date_time} where it is the time at which the message came. */
    private static final String NOW = "now";

    private final Clock clock;
    private final BiConsumer<Columns, String> watcher;

    public RowMapper(Clock clock) {
        this(clock, (columns, text) -> {});
    }

    /** @param unmet sees which columns rows have, while a sample is tried */
    public RowMapper(Clock clock, UnmetColumns unmet) {
        this(clock, unmet::watch);
    }

    private RowMapper(Clock clock, BiConsumer<Columns, String> watcher) {
        this.clock = clock;
        this.watcher = watcher;
    }

    /**
     * @param body JSON as bytes, a text or a stream: an object, an array or objects one after another; or a map, a list
     *     or an iterator of maps, with values as databases and Java have them; or the XML or CSV of a request
     * @param columns which of its fields is which of ours, see {@link Columns}; may be missing. With
     *     {@code date_time='now'} it is the time at which the message came, the same for one that is repeated
     * @return maps with the API's field names; of CSV the rows, with their lines
     * @param badRows where bad ones are left out, an element that is no row is one of them, with its place and its
     *     fault
     * @throws ProblemException 400 when it is not such JSON or XML, or not in its encoding
     */
    public List<?> map(@Body Object body, @Variable("columns") String columns, @Variable("bad-rows") String badRows)
            throws IOException {
        if (body instanceof List<?> rows && rows.stream().anyMatch(SourceRow.class::isInstance)) {
            setTimeOfArrival(rows, new Columns(columns)); // rows of CSV are mapped as they are read
            return rows;
        }
        var isRefused = badRows == null || badRows.isBlank() || badRows.equals(ConversionStore.REFUSE);
        return sourceRows(body, columns).stream()
                .map(row -> row.fault() == null ? row.fields() : isRefused ? fail(row) : row)
                .toList();
    }

    /**
     * Whether conditions of {@code columns} leave a message out.
     *
     * @param conditions such as {@code only=state('sold')}
     */
    public boolean isLeftOut(Map<String, ?> message, String conditions) throws IOException {
        return rowsOf(message, conditions).stream().anyMatch(MappedConversion::isLeftOut);
    }

    /** The same of what is not CSV, none of which may be bad. */
    List<Map<String, ?>> rowsOf(Object body, String columns) throws IOException {
        return sourceRows(body, columns).stream()
                .<Map<String, ?>>map(row -> row.fault() == null ? row.fields() : fail(row))
                .toList();
    }

    /** The rows with their places, from 1. */
    private List<SourceRow> sourceRows(Object body, String columns) throws IOException {
        var list = new ArrayList<SourceRow>();
        var named = new Columns(columns);
        watcher.accept(named, columns);
        try (var rows = rows(body, named)) {
            while (rows.hasNext()) {
                var row = rows.next();
                setTimeOfArrival(List.of(row), named);
                list.add(new SourceRow(list.size() + 1L, row.fields(), row.source(), row.fault()));
            }
        } catch (BrokenFileException e) {
            throw ProblemException.of(400, "Line %d of the message: %s".formatted(e.line(), e.getMessage()));
        }
        return list;
    }

    private static Map<String, ?> fail(SourceRow row) {
        throw ProblemException.of(400, "Element %d of the message: %s".formatted(row.line(), row.fault()));
    }

    /** Where columns say that it is the time of each, or of those that have none. */
    private void setTimeOfArrival(List<?> rows, Columns columns) {
        if (columns.mayBeText("date_time", NOW)) {
            for (var each : rows) {
                if (each instanceof SourceRow row
                        && row.fields() instanceof MappedConversion mapped
                        && NOW.equals(mapped.get("date_time"))) {
                    mapped.put("date_time", new ArrivalTime(clock.instant()));
                }
            }
        }
    }

    private static RowReader rows(Object body, Columns columns) throws IOException {
        if (body instanceof XmlBody xml) {
            return xml.rows(columns);
        }
        var json = body instanceof InputStream stream
                ? stream
                : new ByteArrayInputStream(
                        body instanceof byte[] bytes
                                ? bytes
                                : (body instanceof CharSequence text ? text.toString() : Json.write(plain(body)))
                                        .getBytes(StandardCharsets.UTF_8));
        return new JsonRows(
                new InputStreamReader(json, StandardCharsets.UTF_8.newDecoder()), columns, TextEncoding.UTF_8);
    }

    private static Object plain(Object body) {
        if (body instanceof Iterator<?> rows) {
            var list = new ArrayList<Object>();
            rows.forEachRemaining(list::add);
            return RowValues.deep(list);
        }
        return RowValues.deep(body);
    }
}
