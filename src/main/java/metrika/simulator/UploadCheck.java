package metrika.simulator;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

import org.apache.commons.csv.CSVRecord;

/** What Metrika checks in a file before it takes it. The file is read once, row by row. */
final class UploadCheck {
    static final List<String> COLUMNS =
            List.of("ClientId", "UserId", "Yclid", "PurchaseId", "Target", "DateTime", "Price", "Currency");
    private static final List<String> IDENTIFIERS = COLUMNS.subList(0, 4);

    /** More different goals than this in one file are not remembered for the list of goals. */
    private static final int TARGETS_KEPT = 100;

    private static final String FORBIDDEN_IN_TARGET = "/\\&#?=\"";
    private static final Pattern UNIX_SECONDS = Pattern.compile("[0-9]{1,18}");
    private static final Pattern PRICE = Pattern.compile("[0-9]+(\\.[0-9]+)?");
    private static final Pattern CURRENCY = Pattern.compile("[A-Z]{3}");

    private final FutureRows future;
    private final Instant now;

    /**
     * What a good file holds.
     *
     * @param rows {@code source_quantity}
     * @param lines {@code line_quantity}, less than the rows when some were left out
     * @param targets the goals in it, the first hundred
     */
    record Result(long rows, long lines, Set<String> targets) {}

    UploadCheck(FutureRows future, Instant now) {
        this.future = future;
        this.now = now;
    }

    /** @throws RefusedException when Metrika would answer 400 */
    Result check(Path file) throws IOException, RefusedException {
        try (CsvFile csv = new CsvFile(file)) {
            return checkRows(csv, Columns.of(csv.header()));
        } catch (CharacterCodingException notText) {
            throw refused("The file is not UTF-8");
        } catch (IOException unreadable) {
            // commons-csv tells broken quoting this way; a failing disk looks the same and is rarer
            throw refused("The file is not CSV: " + unreadable.getMessage());
        }
    }

    private Result checkRows(CsvFile csv, Columns columns) throws IOException, RefusedException {
        long rows = 0;
        long lines = 0;
        Set<String> targets = new LinkedHashSet<>();
        for (CSVRecord row = csv.next(); row != null; row = csv.next()) {
            rows++;
            String problem = problem(row, columns);
            if (problem != null) {
                throw refused("Row " + rows + ": " + problem);
            }
            if (!isLeftOut(columns.seconds(row), now) || future == FutureRows.ACCEPT) {
                lines++;
            } else if (future == FutureRows.REJECT_FILE) {
                throw refused("Row " + rows + ": DateTime is in the future");
            }
            if (targets.size() < TARGETS_KEPT) {
                targets.add(columns.target(row));
            }
        }
        if (rows == 0) {
            throw refused("The file has no rows");
        }
        return new Result(rows, lines, targets);
    }

    /** Whether a row with this DateTime was in the future when its file came. */
    static boolean isLeftOut(long unixSeconds, Instant received) {
        return unixSeconds > received.getEpochSecond();
    }

    private static String problem(CSVRecord row, Columns columns) {
        if (row.size() != columns.names.size()) {
            return row.size() + " values, but the header has " + columns.names.size();
        }
        String target = columns.target(row);
        if (target.isEmpty()) {
            return "Target is empty";
        }
        for (int at = 0; at < target.length(); at++) {
            if (FORBIDDEN_IN_TARGET.indexOf(target.charAt(at)) >= 0) {
                return "Target must not contain " + target.charAt(at);
            }
        }
        if (!UNIX_SECONDS.matcher(row.get(columns.dateTime)).matches()) {
            return "DateTime is not a number of Unix seconds";
        }
        if (columns.identifiers.stream().allMatch(column -> row.get(column).isBlank())) {
            return "no identifier: one of " + String.join(", ", IDENTIFIERS) + " is needed";
        }
        if (!isEmptyOr(PRICE, row, columns.price)) {
            return "Price is not a number with a decimal point";
        }
        return isEmptyOr(CURRENCY, row, columns.currency) ? null : "Currency is not three capital letters";
    }

    private static boolean isEmptyOr(Pattern shape, CSVRecord row, int column) {
        return column < 0
                || row.get(column).isEmpty()
                || shape.matcher(row.get(column)).matches();
    }

    private static RefusedException refused(String message) {
        return new RefusedException(MetrikaError.invalidUploading(message));
    }

    /** Where each column stands; -1 for one that the file does not have. */
    record Columns(List<String> names, int target, int dateTime, int price, int currency, List<Integer> identifiers) {
        static Columns of(List<String> header) throws RefusedException {
            Set<String> seen = new HashSet<>();
            for (String name : header) {
                if (!COLUMNS.contains(name)) {
                    throw refused("Unknown column '" + name + "'; known: " + String.join(", ", COLUMNS));
                }
                if (!seen.add(name)) {
                    throw refused("Column " + name + " stands in the header twice");
                }
            }
            for (String required : List.of("Target", "DateTime")) {
                if (!seen.contains(required)) {
                    throw refused("Column " + required + " is missing");
                }
            }
            List<Integer> identifiers = IDENTIFIERS.stream()
                    .map(header::indexOf)
                    .filter(at -> at >= 0)
                    .toList();
            if (identifiers.isEmpty()) {
                throw refused("No column of an identifier: one of " + String.join(", ", IDENTIFIERS) + " is needed");
            }
            return new Columns(
                    header,
                    header.indexOf("Target"),
                    header.indexOf("DateTime"),
                    header.indexOf("Price"),
                    header.indexOf("Currency"),
                    identifiers);
        }

        String target(CSVRecord row) {
            return row.get(target);
        }

        long seconds(CSVRecord row) {
            return Long.parseLong(row.get(dateTime));
        }
    }
}
