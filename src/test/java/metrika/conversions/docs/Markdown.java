package metrika.conversions.docs;

import java.util.List;

/** Writes Markdown tables. */
final class Markdown {

    private Markdown() {}

    /** A row of a table. */
    static String row(String... cells) {
        var row = new StringBuilder("|");
        for (var cell : cells) {
            row.append(' ').append(cell).append(cell.isEmpty() ? "|" : " |");
        }
        return row.append('\n').toString();
    }

    /** The head of a table. */
    static String head(String... titles) {
        return row(titles) + row(List.of(titles).stream().map(title -> "---").toArray(String[]::new));
    }

    /** Text in a cell: in one line, and without signs that Markdown or HTML would take for theirs. */
    static String text(String value) {
        return value == null
                ? ""
                : value.strip()
                        .replaceAll("\\s+", " ")
                        .replace("|", "\\|")
                        .replace("<", "\\<")
                        .replace("*", "\\*");
    }

    /** A value of code in a cell; nothing for an empty one. */
    static String code(String value) {
        return value == null || value.isEmpty() ? "" : "`" + value.replace("|", "\\|") + "`";
    }
}
