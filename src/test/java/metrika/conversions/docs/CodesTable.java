package metrika.conversions.docs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import metrika.conversions.delivery.BatchErrorCode;
import metrika.conversions.delivery.MetrikaErrorType;

/** The codes in a batch's {@code errors}, as pages show them. */
final class CodesTable {

    private static final String INDENT = "            ";
    private static final int WIDTH = 120;

    private CodesTable() {}

    /** A table of the product's own codes; those that mean the same and ask for the same share a row. */
    static String markdown() {
        var rows = new LinkedHashMap<String, List<BatchErrorCode>>();
        for (var code : BatchErrorCode.values()) {
            rows.merge(
                    "%s | %s".formatted(code.meaning(), code.remedy()),
                    List.of(code),
                    (some, more) -> Stream.concat(some.stream(), more.stream()).toList());
        }
        return rows.entrySet().stream()
                .map(row -> "| %s | %s |%n"
                        .formatted(
                                row.getValue().stream().map("`%s`"::formatted).collect(Collectors.joining(", ")),
                                row.getKey()))
                .collect(Collectors.joining("", "\n| code | means | what to do |\n| --- | --- | --- |\n", "\n"));
    }

    /** The two enums of OpenAPI: the product's own codes, and Metrika's error types. */
    static String openApi() {
        return list(
                        "A code of this product",
                        Arrays.stream(BatchErrorCode.values())
                                .map(Enum::toString)
                                .toList())
                + list("Metrika's own error type", MetrikaErrorType.names());
    }

    private static String list(String description, Collection<String> codes) {
        var lines = new ArrayList<>(List.of(INDENT + "  enum: ["));
        for (var code : codes) {
            var last = lines.size() - 1;
            var line = lines.get(last) + (lines.get(last).endsWith("[") ? "" : " ") + code + ",";
            if (line.length() > WIDTH) {
                lines.add(" ".repeat((INDENT + "  enum: [").length()) + code + ",");
            } else {
                lines.set(last, line);
            }
        }
        return "%s- description: %s%n%s]%n"
                .formatted(INDENT, description, String.join("\n", lines).replaceFirst(",$", ""));
    }
}
