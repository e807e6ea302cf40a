package metrika.conversions.sources;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

import metrika.conversions.intake.ConversionField;

/**
 * Which column of a file is which field of a conversion: the variable {@code columns} of a route, such as
 * {@code client_id=Visitor, target=Event, currency='RUB'}. What stands in single quotes is a value for all rows; a name
 * with a comma in it goes into double quotes. In JSON a column is a path, such as {@code visitor.id}.
 * {@code time='12:00'} is the time of day of dates that have none.
 *
 * <p>Fields that are not named there are found under their own names or Metrika's ({@code ClientId}), however these are
 * spaced and capitalised.
 */
final class Columns {

    /** The fields of a conversion. */
    static final List<String> FIELDS = ConversionField.names();

    /** Not a field, but what a date stands for that has no time of day. */
    private static final String TIME = "time";

    private static final Pattern TIME_OF_DAY = Pattern.compile("([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?");
    private static final Pattern ENTRY =
            Pattern.compile("\\G\\s*(\\w+)\\s*=\\s*(?:'([^']*)'|\"([^\"]+)\"|([^,'\"]+?))\\s*(?:,|$)");

    private final Map<String, String> fieldOf = new LinkedHashMap<>();
    private final Map<String, String> named = new LinkedHashMap<>();
    private final Map<String, String> constants = new LinkedHashMap<>();
    private String time;

    /**
     * @param text as above; {@code null} or empty when the file has the fields' own names
     * @throws IllegalArgumentException when it cannot be read, or names a field that there is not
     */
    Columns(String text) {
        var given = text == null ? "" : text.strip();
        var matcher = ENTRY.matcher(given);
        var end = 0;
        while (end < given.length() && matcher.find()) {
            end = matcher.end();
            var field = matcher.group(1);
            if (field.equals(TIME) && matcher.group(2) != null) {
                if (!TIME_OF_DAY.matcher(matcher.group(2)).matches()) {
                    throw new IllegalArgumentException(
                            "columns has the time '%s': one such as '12:00' is expected".formatted(matcher.group(2)));
                }
                time = matcher.group(2);
                continue;
            }
            if (!FIELDS.contains(field)) {
                throw new IllegalArgumentException(
                        "columns names the field '%s': there are %s".formatted(field, String.join(", ", FIELDS)));
            }
            if (matcher.group(2) != null) {
                constants.put(field, matcher.group(2));
            } else {
                var column = matcher.group(3) != null ? matcher.group(3) : matcher.group(4);
                named.put(field, column.strip());
                fieldOf.put(plain(column), field);
            }
        }
        if (end < given.length()) {
            throw new IllegalArgumentException(
                    "columns is '%s': field=column, field='value', … is expected".formatted(given));
        }
        for (var field : FIELDS) {
            if (!named.containsKey(field) && !constants.containsKey(field)) {
                fieldOf.putIfAbsent(plain(field), field);
            }
        }
    }

    /** The field that a column is, or {@code null}. */
    String field(String column) {
        return fieldOf.get(plain(column));
    }

    /**
     * The value of a field, as {@link CellNormalizer#value(String, String)} reads it; a date alone has the time that is
     * given for all.
     */
    Object value(String field, String cell) {
        return CellNormalizer.value(
                field, time != null && field.equals("date_time") ? DateCell.with(time, cell) : cell);
    }

    /** The columns that were given names, by field. */
    Map<String, String> named() {
        return named;
    }

    /** The fields that have one value for all rows. */
    Map<String, String> constants() {
        return constants;
    }

    /** A name without what people and programs write differently. Points stay: they part the names of a path. */
    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}.]", "");
    }
}
