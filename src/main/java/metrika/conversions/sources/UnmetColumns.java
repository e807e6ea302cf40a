package metrika.conversions.sources;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

import metrika.conversions.intake.ConversionField;

/**
 * While a sample of JSON, XML or a form is tried: columns that none of its rows has. It is a hint, given only where a
 * name is nowhere, not where a value may be left out: in lists, in what is empty, and where another column stands in.
 * Of CSV a column that is not there is a fault.
 */
public final class UnmetColumns {

    private static final int SHOWN = 20;

    private final Map<String, Names> ofColumns = new LinkedHashMap<>();

    /** Sees what rows have that are read by columns. */
    void watch(Columns columns, String text) {
        var names = ofColumns.computeIfAbsent(String.valueOf(text), given -> new Names(columns));
        columns.watch(names::add);
    }

    /** What is to be said, a line for each column. */
    public List<String> warnings() {
        return ofColumns.values().stream()
                .flatMap(names -> names.warnings().stream())
                .distinct()
                .toList();
    }

    /** What rows have, and what one text of columns asks for. */
    private static final class Names {

        private final Columns columns;
        /** As they are written, by the plain paths that they are below; the empty path is the row. */
        private final Map<String, Set<String>> below = new LinkedHashMap<>();

        private final Set<String> paths = new LinkedHashSet<>();

        Names(Columns columns) {
            this.columns = columns;
        }

        void add(String path, String name) {
            paths.add(Columns.plain(path + name));
            below.computeIfAbsent(above(path), parent -> new LinkedHashSet<>()).add(path + name);
        }

        private static String above(String path) {
            return path.isEmpty() ? "" : Columns.plain(path.substring(0, path.length() - 1));
        }

        List<String> warnings() {
            var unmet = new LinkedHashMap<String, String>();
            columns.named().forEach((field, column) -> {
                if (isUnmet(column)) {
                    unmet.put(field, column);
                }
            });
            columns.made().forEach((field, value) -> addUnmet(unmet, field, value, ColumnValue::neededColumns));
            // One identifier suffices, as one of two columns does
            var persons = ConversionField.namesOfPersons();
            if (persons.stream().anyMatch(field -> columns.isGiven(field) && !unmet.containsKey(field))) {
                unmet.keySet().removeAll(persons);
            }
            var warnings = new ArrayList<String>();
            unmet.forEach((field, column) -> warnings.add(warning(field, column)));
            columns.conditions().stream()
                    .filter(condition -> !condition.field().equals(ColumnsParser.LEAVE_OUT))
                    .forEach(condition -> {
                        var ofCondition = new LinkedHashMap<String, String>();
                        addUnmet(ofCondition, condition.field(), condition, ColumnValue::ownColumns);
                        ofCondition.forEach((field, column) -> warnings.add(warning(field, column)));
                    });
            return below.isEmpty() ? List.of() : warnings;
        }

        private void addUnmet(
                Map<String, String> unmet, String field, ColumnValue value, Function<ColumnValue, List<String>> asked) {
            var missing = value.values().stream()
                    .map(each ->
                            asked.apply(each).stream().filter(this::isUnmet).findFirst())
                    .toList();
            if (missing.stream().allMatch(column -> column.isPresent())) {
                unmet.put(field, missing.get(0).get());
            }
        }

        /** Whether no row has a column, and it is not one of something that is empty, or a list. */
        private boolean isUnmet(String column) {
            if (column.startsWith(Columns.ROOT) || columns.place().containsKey(Columns.plain(column))) {
                return false;
            }
            var path = ofObjects(column);
            return !paths.contains(path) && (nearest(path).isEmpty() || below.containsKey(nearest(path)));
        }

        /** A path up to the first number or choice in it, behind which a list may have nothing. */
        private static String ofObjects(String column) {
            return Columns.plain(column).replaceFirst("(?:\\[|\\.[0-9]+(?:\\.|$)).*", "");
        }

        /** The longest part of a path that rows have. */
        private String nearest(String path) {
            var end = path.lastIndexOf('.');
            while (end > 0 && !paths.contains(path.substring(0, end))) {
                end = path.lastIndexOf('.', end - 1);
            }
            return end > 0 ? path.substring(0, end) : "";
        }

        private String warning(String field, String column) {
            var names = below.getOrDefault(nearest(ofObjects(column)), Set.of());
            return "No row of the sample has the column \"%s\", which %s names; it has: %s%s"
                    .formatted(
                            column,
                            field,
                            names.stream().limit(SHOWN).collect(Collectors.joining(", ")),
                            names.size() > SHOWN ? ", …" : "");
        }
    }
}
