package metrika.conversions.sources;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import metrika.conversions.intake.IdentifierRules;
import metrika.conversions.intake.InvalidValue;
import metrika.conversions.intake.MappedConversion;
import metrika.conversions.intake.Money;
import metrika.conversions.text.StorableText;

/** A row on its way to a conversion: takes the cells one by one, then makes what is made of several. */
final class RowBuilder {

    private final Columns columns;
    private final MappedConversion row;
    private Map<String, Object> parts = Map.of();

    RowBuilder(Columns columns) {
        this.columns = columns;
        row = new MappedConversion(columns.constants());
        row.madeOf(field -> origin(columns, field));
    }

    private static String origin(Columns columns, String field) {
        var made = columns.made().get(field);
        return made == null ? columns.named().get(field) : String.join(" or ", made.columns());
    }

    /**
     * Takes a cell for a field.
     *
     * @param cell trimmed, and something left
     */
    void cell(String field, String cell) {
        var value = columns.value(field, cell);
        take(row, field, value);
        // What quotes the cell anyway needs no more
        if (value != null && !(value instanceof InvalidValue || value instanceof Money) && !cell.equals(value)) {
            row.write(field, cell);
        }
    }

    /** Takes a value for a field that needs no reading. */
    void value(String field, Object value) {
        take(row, field, value);
    }

    /**
     * Takes a cell that others are made of.
     *
     * @param cell trimmed, and something left; or {@link InvalidValue}
     */
    void part(String name, Object cell) {
        parts = parts.isEmpty() ? new HashMap<>() : parts;
        take(parts, name, cell);
    }

    /** The row, when all cells are taken. */
    MappedConversion build() {
        columns.place().forEach(this::place);
        columns.made().forEach((field, maker) -> {
            var value = maker.of(parts);
            if (ColumnValue.LEFT_OUT.equals(value)) {
                leaveOut(maker);
            } else if (value instanceof String cell) {
                cell(field, cell);
            } else if (value != null) {
                row.put(field, value);
            }
            if (value != null && maker.counted(parts) != null) {
                row.write(field, maker.counted(parts));
            }
        });
        columns.unless().forEach(this::chooseIdentifier);
        columns.conditions().forEach(condition -> {
            var value = condition.of(parts);
            if (ColumnValue.LEFT_OUT.equals(value)) {
                leaveOut(condition);
            } else if (isNone(value) && condition.field().equals(ColumnsParser.REQUIRED)) {
                refuseWithout(condition.columns());
            } else if (value instanceof InvalidValue) {
                row.put("target", value); // whether it is a conversion at all cannot be told
            } else if (condition.field().equals(ColumnsParser.KEY)) {
                nameBy(condition, value);
            }
        });
        columns.outside().forEach(this::refuseWithoutOutside);
        return row;
    }

    /** What programs write in place of an identifier is none. */
    static boolean isNone(Object value) {
        return value == null || value instanceof String text && IdentifierRules.isNoValue(text);
    }

    private void chooseIdentifier(String field, String other) {
        if (!isNone(row.get(other))) {
            row.remove(field);
        } else if (!isNone(row.get(field))) {
            row.remove(other);
        }
    }

    /** A row that cannot be known again would be stored at each repetition. */
    private void nameBy(ColumnValue key, Object value) {
        if (value == null) {
            row.refuse(
                    "target",
                    new InvalidValue(
                            "",
                            "required_column",
                            "%s is empty or not there, and columns has it as key"
                                    .formatted(String.join(" or ", key.columns())),
                            key.columns().get(0)));
        } else {
            row.nameBy(value.toString());
        }
    }

    private void refuseWithout(List<String> required) {
        var field = columns.field(Columns.plain(required.get(0)));
        var missing = new InvalidValue(
                "",
                "required_column",
                "%s %s empty or not there, and columns has required=%s"
                        .formatted(
                                String.join(" and ", required),
                                required.size() == 1 ? "is" : "are",
                                String.join("|", required)),
                field == null ? required.get(0) : null);
        row.refuse(field == null ? "target" : field, missing);
    }

    /** A time without the zone that is to stand in the head of a file would be another one. */
    private void refuseWithoutOutside(String column, String field) {
        var name = Columns.plain(column);
        if (!parts.containsKey(name) && !(field.equals(columns.field(name)) && row.containsKey(field))) {
            row.refuse(
                    field,
                    new InvalidValue(
                            "",
                            "required_column",
                            ("%s: %s is empty or not there: in XML it has to stand before the first of the rows,"
                                            + " and outside of them")
                                    .formatted(field, column)));
        }
    }

    private void leaveOut(ColumnValue maker) {
        var column = maker.leftOutBy(parts);
        var cell = parts.get(Columns.plain(column));
        row.leaveOut("columns leaves it out, by %s in %s"
                .formatted(cell == null ? "an empty cell" : StorableText.quoted(cell.toString()), column));
    }

    /** Takes what is known of the file's place, where the row has nothing of its own under that name. */
    private void place(String name, String value) {
        var field = columns.field(name);
        var part = columns.part(name);
        var cell = CellNormalizer.trimmed(value);
        if (cell != null && field != null && !row.containsKey(field)) {
            cell(field, cell);
        }
        if (cell != null && part != null && !parts.containsKey(part)) {
            part(part, cell);
        }
    }

    /**
     * A value that is given twice, under one name or two spellings of it, has to be the same; an empty one says
     * nothing.
     */
    private static void take(Map<String, Object> values, String field, Object value) {
        var before = value == null ? null : values.putIfAbsent(field, value);
        if (before != null && !before.toString().equals(value.toString())) {
            values.put(
                    field,
                    new InvalidValue(
                            before.toString(),
                            "duplicate_field",
                            "%s is given twice, as %s and as %s"
                                    .formatted(
                                            field,
                                            StorableText.quoted(before.toString()),
                                            StorableText.quoted(value.toString()))));
        }
    }
}
