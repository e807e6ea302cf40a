package metrika.conversions.sources;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import metrika.conversions.intake.ConversionField;

/**
 * Which column of a file is which field of a conversion: the variable {@code columns} of a route, such as
 * {@code client_id=Visitor, target=Event, currency='RUB'}. What stands in single quotes is a value for all rows; a name
 * with a comma in it goes into double quotes. In JSON a column is a path, such as {@code visitor.id}; it goes on into a
 * cell that holds JSON as a text. {@code time='12:00'} is the time of day of dates that have none.
 *
 * <p>{@code Shop+'-'+Number} joins cells, {@code Cookies['_ym_uid']} cuts a value out of one, and
 * {@code Status('Paid'='purchase', *=-)} says what its words stand for: {@link ColumnValue}.
 *
 * <p>Of {@code cid|uid} the first counts that gives a value. {@code Sum/100} is a number that is divided,
 * {@code meta[key='uid'].value} one of the entries of a list, and {@code only=Status('Paid')} or
 * {@code leave-out=Status('New')} says which rows are conversions at all.
 *
 * <p>In files {@code file.folder} and {@code file.name} are columns too, unless a row has its own of that name. Of XML
 * {@code /export/head/zone} is what stands outside of the rows, by its path from the root.
 *
 * <p>Fields that are not named there are found under their own names or Metrika's ({@code ClientId}), however these are
 * spaced and capitalised.
 */
public final class Columns {

    /** The fields of a conversion. */
    static final List<String> FIELDS = ConversionField.names();

    /** What a path begins with that leads from the root of XML, and not from its row. */
    static final String ROOT = "/";

    /** Not a field, but what a date stands for that has no time of day. */
    private static final String TIME = "time";

    private static final Pattern TIME_OF_DAY = Pattern.compile("([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?");

    private static final Pattern POINT = Pattern.compile("(?<=\\S)\\.(?=\\S)");

    private final Map<String, String> fieldOf = new LinkedHashMap<>();
    private final Map<String, String> named = new LinkedHashMap<>();
    private final Map<String, String> constants = new LinkedHashMap<>();
    private final Map<String, ColumnValue> made = new LinkedHashMap<>();
    private final List<ColumnValue> conditions = new ArrayList<>();
    private final Map<String, String> unless = new LinkedHashMap<>();
    private final Set<String> parts = new HashSet<>();
    /** The columns that paths go through. */
    private final Set<String> above = new HashSet<>();
    /** By the paths of their lists. */
    private final Map<String, List<ListChoice>> choices = new HashMap<>();

    private final Map<String, String> place = new LinkedHashMap<>();
    private final Map<String, String> outside = new LinkedHashMap<>();
    private String time;
    /** Is told what is in rows: below which path, and its name. */
    private BiConsumer<String, String> watcher = (path, name) -> {};

    /**
     * @param text as above; {@code null} or empty when the file has the fields' own names
     * @throws IllegalArgumentException when it cannot be read, or names a field that there is not
     */
    Columns(String text) {
        this(text, Map.of());
    }

    /** @param place columns that each row has besides those in it: what is known of its file's place */
    Columns(String text, Map<String, String> place) {
        place.forEach((name, value) -> this.place.put(plain(name), value));
        var parser = new ColumnsParser(text == null ? "" : text.strip());
        parser.parse().forEach(this::add);
        unless.putAll(parser.unless());
        outside.values().removeAll(unless.keySet());
        parser.conditions().forEach(condition -> {
            conditions.add(condition);
            addParts(condition);
        });
        for (var field : FIELDS) {
            if (!isGiven(field)) {
                fieldOf.putIfAbsent(plain(field), field);
            }
        }
    }

    /** What is wrong with a text that is to be {@code columns}, in one line; {@code null} when nothing is. */
    public static String fault(String text) {
        try {
            new Columns(text);
            return null;
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }

    private void add(String field, List<List<ColumnValue.Part>> values) {
        var given = values.get(0);
        var first = given.get(0);
        var isOne = values.size() == 1;
        var isText = isOne && given.stream().allMatch(part -> part.text() != null);
        if (isOne) {
            given.stream()
                    .map(ColumnValue.Part::column)
                    .filter(column -> column != null && column.startsWith(ROOT))
                    .forEach(column -> outside.put(column, field));
        }
        if (field.equals(TIME)) {
            setTime(isText && given.size() == 1 ? first.text() : null);
        } else if (!FIELDS.contains(field)) {
            throw new IllegalArgumentException(
                    "columns names the field '%s': there are %s, time, key, only, leave-out and required"
                            .formatted(field, String.join(", ", FIELDS)));
        } else if (isText) {
            constants.put(
                    field,
                    String.join("", given.stream().map(ColumnValue.Part::text).toList()));
        } else if (isOne && given.size() == 1 && first.isColumn() && !fieldOf.containsKey(plain(first.column()))) {
            named.put(field, first.column());
            fieldOf.put(plain(first.column()), field);
            addPath(first.column());
        } else {
            var value = ColumnValue.of(field, values);
            made.put(field, value);
            addParts(value);
        }
    }

    private void addParts(ColumnValue value) {
        value.columns().forEach(column -> {
            parts.add(plain(column));
            addPath(column);
        });
    }

    /** What stands before the points of a path, and before a choice; of {@code Sum. RUB} nothing does. */
    private void addPath(String name) {
        var column = pointed(name);
        if (column.startsWith(ROOT) && !ListChoice.covered(column).matches("/([^.]+\\.)*[^.]+")) {
            throw new IllegalArgumentException(
                    "columns has '%s': a path from the root of XML is one such as /export/head/zone".formatted(name));
        }
        POINT.matcher(ListChoice.covered(column))
                .results()
                .forEach(point -> above.add(plain(column.substring(0, point.start()))));
        ListChoice.of(column).forEach(choice -> {
            above.add(choice.list());
            var known = choices.computeIfAbsent(choice.list(), list -> new ArrayList<>());
            if (!known.contains(choice)) {
                known.add(choice);
            }
        });
    }

    private void setTime(String given) {
        if (given == null) {
            throw new IllegalArgumentException(
                    "columns gives 'time' no text in quotes, such as time='12:00': a time in a"
                            + " column beside the date is date_time=Date+' '+Time");
        }
        if (!TIME_OF_DAY.matcher(given).matches()) {
            throw new IllegalArgumentException(
                    "columns has the time '%s': one such as '12:00' is expected".formatted(given));
        }
        time = given;
    }

    /** The field that a column is, or {@code null}. */
    String field(String column) {
        return fieldOf.get(plain(column));
    }

    /** The name by which a column is a part of a field, or {@code null}. */
    String part(String column) {
        if (parts.isEmpty()) {
            return null;
        }
        var name = plain(column);
        return parts.contains(name) ? name : null;
    }

    /** Whether a path goes through a column, to what is in the JSON there. */
    boolean isAbove(String column) {
        return !above.isEmpty() && above.contains(plain(column));
    }

    /** What is chosen among the entries of a list. */
    List<ListChoice> choices(String list) {
        return choices.isEmpty() ? List.of() : choices.getOrDefault(plain(list), List.of());
    }

    void watch(BiConsumer<String, String> given) {
        watcher = given;
    }

    BiConsumer<String, String> watcher() {
        return watcher;
    }

    /** Whether a path is a column, or leads to one. */
    boolean isAsked(String path) {
        return field(path) != null || part(path) != null || isAbove(path);
    }

    /** The columns that lie below one, by paths that go through it. */
    List<String> below(String column) {
        var path = plain(column);
        return Stream.concat(fieldOf.keySet().stream(), parts.stream())
                .filter(name -> name.startsWith(path + ".") || name.startsWith(path + "["))
                .distinct()
                .toList();
    }

    /**
     * The value of a field, as {@link CellNormalizer#value(String, String)} reads it; a date alone has the time that is
     * given for all.
     */
    Object value(String field, String cell) {
        return CellNormalizer.value(
                field, time != null && field.equals("date_time") ? DateCell.with(time, cell) : cell);
    }

    /** Whether an entry says what a field is. */
    boolean isGiven(String field) {
        return named.containsKey(field) || constants.containsKey(field) || made.containsKey(field);
    }

    /** The columns that were given names, by field. */
    Map<String, String> named() {
        return named;
    }

    /** The fields that have one value for all rows. */
    Map<String, String> constants() {
        return constants;
    }

    /** Whether a field has this text in each row, or in those that have no other value for it. */
    boolean mayBeText(String field, String text) {
        return text.equals(constants.get(field))
                || made.containsKey(field) && made.get(field).mayBeText(text);
    }

    /** The fields that are made of columns. */
    Map<String, ColumnValue> made() {
        return made;
    }

    /** What a row has to be, so as to be a conversion: each is {@link ColumnValue#LEFT_OUT} of one that is none. */
    List<ColumnValue> conditions() {
        return conditions;
    }

    /** The fields that have a value only where another one has none, with that other one. */
    Map<String, String> unless() {
        return unless;
    }

    /** The columns that each row has besides those in it, by their plain names. */
    Map<String, String> place() {
        return place;
    }

    /** The paths from the root of XML that a field cannot do without, as they were given, with that field. */
    Map<String, String> outside() {
        return outside;
    }

    /** Whether any path leads from the root of XML. */
    boolean isAnyOutside() {
        return Stream.of(fieldOf.keySet(), parts, above).flatMap(Set::stream).anyMatch(name -> name.startsWith(ROOT));
    }

    /** What rows are made of besides what is in the file. */
    List<String> usedOfPlace() {
        return place.entrySet().stream()
                .filter(each -> field(each.getKey()) != null || part(each.getKey()) != null)
                .map(each -> each.getKey() + "=" + each.getValue())
                .toList();
    }

    /** A name without what people and programs write differently. Points stay: they part the names of a path. */
    static String plain(String name) {
        return name.startsWith(ROOT)
                ? ROOT + plain(pointed(name).substring(1))
                : name.indexOf('[') < 0 ? ListChoice.letters(name) : ListChoice.plain(name);
    }

    /** A path from the root with points between its names, as all others have them. */
    private static String pointed(String column) {
        return column.startsWith(ROOT) ? ROOT + ListChoice.pointed(column.substring(1)) : column;
    }
}
