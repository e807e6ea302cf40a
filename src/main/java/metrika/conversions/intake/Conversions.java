package metrika.conversions.intake;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import metrika.conversions.database.ArrayValues;

/**
 * Conversions that passed the rules, column by column, as {@code store-batches.sql} takes them. Row {@code n} of the
 * request is value {@code n} of each column; what is not given is {@code null}.
 */
public final class Conversions {

    private static final ConversionField[] FIELDS = ConversionField.values();

    private final ArrayValues[] columns = new ArrayValues[FIELDS.length];
    private final Warnings warnings = new Warnings();
    private final List<Integer> dropped = new ArrayList<>();
    private long earliest = Long.MAX_VALUE;
    private long earliestLinkable = Long.MAX_VALUE;
    private long latest = Long.MIN_VALUE;

    /** @param expected how many there are going to be, more or less */
    Conversions(int expected) {
        for (var field : FIELDS) {
            columns[field.ordinal()] = field.column(expected);
        }
    }

    /**
     * Adds a conversion.
     *
     * @param values by the place of their {@link ConversionField}; {@code date_time} is one of them
     * @param isLinkable whether Metrika still links what is so old
     */
    void add(Object[] values, boolean isLinkable) {
        for (int i = 0; i < values.length; i++) {
            columns[i].add(values[i]);
        }
        var dateTime = (long) values[ConversionField.DATE_TIME.ordinal()];
        earliest = Math.min(earliest, dateTime);
        earliestLinkable = isLinkable ? Math.min(earliestLinkable, dateTime) : earliestLinkable;
        latest = Math.max(latest, dateTime);
    }

    /** All values of a field. */
    ArrayValues column(ConversionField field) {
        return columns[field.ordinal()];
    }

    /** A value as it is stored; {@code null} when it is not given. */
    Object value(ConversionField field, int row) {
        return column(field).get(row);
    }

    /** The place in the request of a conversion that is not left out, from 0. */
    int index(int row) {
        var index = row;
        for (int place : dropped) { // in their order
            if (place <= index) {
                index++;
            }
        }
        return index;
    }

    /** Leaves a conversion of the request out, by its place there, from 0. */
    void drop(int index) {
        dropped.add(index);
    }

    public int size() {
        return columns[0].size();
    }

    /**
     * The oldest {@code date_time} that Metrika can still link, or when it can link none the oldest, in Unix seconds.
     */
    long earliest() {
        return earliestLinkable == Long.MAX_VALUE ? earliest : earliestLinkable;
    }

    /** When the last {@code date_time} has passed, in Unix seconds: Metrika refuses the future. */
    long pastAt() {
        return latest + 1;
    }

    /**
     * When they may be sent, in Unix seconds: when they have happened, and were held back for as long as they are to.
     */
    long readyAt(Instant now, Duration hold) {
        return Math.max(pastAt(), now.plus(hold).getEpochSecond());
    }

    public Warnings warnings() {
        return warnings;
    }

    /**
     * When the first rows happened, for a dry run: their places in the request, and their times as they were
     * understood.
     *
     * @param max how many
     * @param zone the webhook's
     */
    public List<Map<String, Object>> times(int max, ZoneId zone) {
        var times = new ArrayList<Map<String, Object>>();
        for (int i = 0, index = 0; i < Math.min(max, size()); index++) {
            if (!dropped.contains(index)) {
                var instant = Instant.ofEpochSecond(
                        (long) column(ConversionField.DATE_TIME).get(i++));
                var time = new LinkedHashMap<String, Object>();
                time.put("index", index);
                time.put("date_time", DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(instant.atZone(zone)));
                time.put("instant", instant.toString());
                time.put("time_zone", zone.getId());
                times.add(time);
            }
        }
        return times;
    }

    /**
     * The first rows as Metrika would get them, for a dry run: the columns of {@code upload-content.sql}.
     *
     * @param max how many
     */
    public List<Map<String, Object>> preview(int max) {
        var rows = new ArrayList<Map<String, Object>>();
        for (int i = 0; i < Math.min(max, size()); i++) {
            var row = new LinkedHashMap<String, Object>();
            for (var field : ConversionField.values()) {
                var value = column(field).get(i);
                row.put(field.header(), value instanceof BigDecimal price ? price.toPlainString() : value);
            }
            rows.add(row);
        }
        return rows;
    }
}
