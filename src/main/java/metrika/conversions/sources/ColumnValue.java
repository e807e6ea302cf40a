package metrika.conversions.sources;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import metrika.conversions.intake.ConversionField;
import metrika.conversions.intake.InvalidValue;
import metrika.conversions.intake.Money;
import metrika.conversions.text.StorableText;

/** What a field is made of that is not one column as it stands: cells and texts that are joined, cut and translated. */
final class ColumnValue {

    /** What a word stands for whose row is to be left out. */
    static final String LEFT_OUT = "\0";
    /** Longer ones would be no price; an exponent would make a text of any length. */
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,100}(?:\\.[0-9]{1,100})?");
    /** A time of day, which an offset is not. */
    private static final Pattern TIME_OF_DAY = Pattern.compile("(?<![+\\d\u2212-])[0-9]{1,2}:[0-9]{2}");

    /** Half of one of these would be another one; half of a time or a price is one that people write. */
    private static final List<String> OF_ALL_CELLS = Stream.concat(
                    Columns.FIELDS.stream().filter(field -> !field.matches("date_time|price|currency")),
                    Stream.of(ColumnsParser.KEY))
            .toList();

    /** A day as spreadsheets write it that have a time for each cell, where the time stands in the next one. */
    private static final Pattern MIDNIGHT = Pattern.compile("[ T]0?0:00(?::00(?:\\.0+)?)?$");
    /** The day that spreadsheets and 1C write before a time that has none. */
    private static final Pattern NO_DAY =
            Pattern.compile("^(?:3[01]\\.12\\.1899|1899-12-3[01]|01\\.01\\.0001|0001-01-01)[ T]");

    /**
     * A text, or a cell and what is made of it.
     *
     * @param text for all rows; {@code null} for a cell
     * @param column its name, as it was given; {@code null} for a text
     * @param cut the name of what is cut out of the cell; {@code null} for all of it
     * @param factor what its number is multiplied by; {@code null} where it is no number, or stays
     * @param words what its words stand for; {@code null} where they stand for themselves
     */
    record Part(String text, String column, String cut, BigDecimal factor, Words words) {

        static Part ofText(String text) {
            return new Part(text, null, null, null, null);
        }

        /** Whether it is a column as it stands. */
        boolean isColumn() {
            return text == null && cut == null && factor == null && words == null;
        }
    }

    private final String field;
    private final List<Part> parts;
    /** What counts where this gives no value; {@code null} for nothing. */
    private final ColumnValue otherwise;

    private ColumnValue(String field, List<Part> parts, ColumnValue otherwise) {
        this.field = field;
        this.parts = parts;
        this.otherwise = otherwise;
    }

    /** @param values the parts of each value, of which the first counts that there is in a row */
    static ColumnValue of(String field, List<List<Part>> values) {
        ColumnValue made = null;
        for (int i = values.size() - 1; i >= 0; i--) {
            made = new ColumnValue(field, values.get(i), made);
        }
        return made;
    }

    String field() {
        return field;
    }

    /** All columns that it may be made of. */
    List<String> columns() {
        return values().stream().flatMap(value -> value.ownColumns().stream()).toList();
    }

    /** This one, and what stands in for it. */
    List<ColumnValue> values() {
        return Stream.iterate(this, value -> value != null, value -> value.otherwise)
                .toList();
    }

    /** Whether it is this text where there is no other value. */
    boolean mayBeText(String text) {
        return values().stream().anyMatch(value -> value.parts.equals(List.of(Part.ofText(text))));
    }

    /** The columns that it is made of, where nothing stands in for it. */
    List<String> ownColumns() {
        return parts.stream().map(Part::column).filter(column -> column != null).toList();
    }

    /** The same without those whose words say what it stands for when there is none. */
    List<String> neededColumns() {
        return parts.stream()
                .filter(part -> part.column != null && (part.words == null || part.words.meaning(null) == null))
                .map(Part::column)
                .toList();
    }

    /**
     * Its value in a row.
     *
     * @param cells what is not empty, by the {@linkplain Columns#plain plain} names of the columns
     * @return a text; {@link Money}; {@link #LEFT_OUT} when the row is to be left out; {@link InvalidValue}, or
     *     {@code null} for none
     */
    Object of(Map<String, Object> cells) {
        return giver(cells).ownValue(cells);
    }

    /** The one whose value counts in a row. What programs write in place of an identifier is none. */
    private ColumnValue giver(Map<String, Object> cells) {
        if (otherwise == null) {
            return this;
        }
        var value = ownValue(cells);
        var isOfPerson = ConversionField.namesOfPersons().contains(field) || field.equals(ColumnsParser.REQUIRED);
        return value == null || isOfPerson && RowBuilder.isNone(value) ? otherwise.giver(cells) : this;
    }

    private Object ownValue(Map<String, Object> cells) {
        var values = new ArrayList<String>();
        for (var part : parts) {
            var value = part.text != null ? part.text : cell(part, cells);
            if (value instanceof InvalidValue || value instanceof Money || LEFT_OUT.equals(value)) {
                return value;
            }
            if (value == null && (OF_ALL_CELLS.contains(field) || part.words != null && isJoinedTime())) {
                return null; // a time without its offset would be another one
            }
            values.add((String) value);
        }
        var joined = new StringBuilder();
        var isAnyGiven = ownColumns().isEmpty();
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) != null) {
                isAnyGiven |= parts.get(i).text == null;
                joined.append(isJoinedTime() && parts.get(i).text == null ? withoutOther(values, i) : values.get(i));
            }
        }
        return isAnyGiven ? CellNormalizer.trimmed(joined.toString()) : null;
    }

    /** The column whose word has a row left out. */
    String leftOutBy(Map<String, Object> cells) {
        return giver(cells).parts.stream()
                .filter(part -> part.text == null && LEFT_OUT.equals(cell(part, cells)))
                .map(Part::column)
                .findFirst()
                .orElseThrow();
    }

    /** The cell as it was written, where the value is counted from it; else {@code null}. */
    String counted(Map<String, Object> cells) {
        var given = giver(cells).parts;
        return given.size() == 1 && given.get(0).factor != null
                ? String.valueOf(cells.get(Columns.plain(given.get(0).column)))
                : null;
    }

    private boolean isJoinedTime() {
        return field.equals("date_time") && ownColumns().size() > 1;
    }

    /** Without the day that a time has, and the midnight that a day has whose time stands in another cell. */
    private String withoutOther(List<String> values, int place) {
        var later = IntStream.range(place + 1, values.size())
                .filter(i -> parts.get(i).text == null)
                .mapToObj(values::get)
                .toList();
        var isTimeElsewhere = later.stream()
                .anyMatch(value -> value == null || TIME_OF_DAY.matcher(value).find());
        var isFirst = parts.subList(0, place).stream().allMatch(part -> part.text != null);
        var cell =
                isFirst ? values.get(place) : NO_DAY.matcher(values.get(place)).replaceFirst("");
        return isTimeElsewhere ? MIDNIGHT.matcher(cell).replaceFirst("") : cell;
    }

    private Object cell(Part part, Map<String, Object> cells) {
        var given = cells.get(Columns.plain(part.column));
        if (given instanceof InvalidValue invalid) {
            return new InvalidValue(invalid.text(), invalid.code(), "%s: %s".formatted(field, invalid.message()));
        }
        var value = given == null || part.cut == null ? given : cut((String) given, part);
        if (value instanceof String number && part.factor != null) {
            return multiplied(number, part);
        }
        return part.words == null || value instanceof InvalidValue ? value : translated((String) value, part);
    }

    /**
     * What stands behind a name, as in {@code a=1; b=2}, the query of a URL or JSON in a text. A name that is there
     * more than once, with different values, means two things.
     */
    private Object cut(String text, Part part) {
        var values = Pattern.compile("(?<![\\p{L}\\p{N}_.-])" + Pattern.quote(part.cut)
                        + "[\"']?\\s*[=:]\\s*[\"']?([^;&,\\s\"'}\\]]+)")
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .distinct()
                .toList();
        return values.size() < 2
                ? values.stream().findFirst().orElse(null)
                : new InvalidValue(
                        text,
                        "duplicate_field",
                        "%s: '%s' is in %s twice, as %s and as %s"
                                .formatted(
                                        field,
                                        part.cut,
                                        TextEncoding.shown(part.column),
                                        StorableText.quoted(values.get(0)),
                                        StorableText.quoted(values.get(1))));
    }

    /** A number as people write it, times the factor. A price keeps the currency that is written beside it. */
    private Object multiplied(String cell, Part part) {
        var read = CellNormalizer.value("price", cell);
        if (read instanceof InvalidValue invalid) {
            return new InvalidValue(invalid.text(), invalid.code(), "%s: %s".formatted(field, invalid.message()));
        }
        if (read == null) {
            return null;
        }
        if (!NUMBER.matcher(read.toString()).matches()) {
            return new InvalidValue(
                    cell,
                    "invalid_number",
                    "%s: %s in %s is no number, which columns multiplies or divides"
                            .formatted(field, StorableText.quoted(cell), TextEncoding.shown(part.column)));
        }
        var product = new BigDecimal(read.toString()).multiply(part.factor).toPlainString();
        return read instanceof Money money && parts.size() == 1 && field.equals("price")
                ? new Money(product, money.currencies(), money.text())
                : product;
    }

    private Object translated(String value, Part part) {
        var found = part.words.meaning(value);
        return found != null || value == null
                ? found
                : new InvalidValue(
                        value,
                        "unknown_word",
                        ("%s: %s in %s is none of the words that columns has (%s): add %2$s='value' there, or %2$s=- to"
                                        + " leave such rows out")
                                .formatted(
                                        field,
                                        StorableText.quoted(value),
                                        TextEncoding.shown(part.column),
                                        part.words));
    }
}
