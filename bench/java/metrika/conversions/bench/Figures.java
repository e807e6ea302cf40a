package metrika.conversions.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table of a run, in Markdown. */
final class Figures {

    private record Line(String what, String value, String limit, String ratio) {}

    private final List<Line> lines = new ArrayList<>();

    void add(String what, double value, String unit) {
        put(new Line(what, number(value) + " " + unit, "", ""));
    }

    /** A figure that is held against a limit of this machine, measured in the same run. */
    void add(String what, double value, String unit, String limit, double of) {
        put(new Line(
                what,
                number(value) + " " + unit,
                limit + ": " + number(of),
                String.format(Locale.ROOT, "%.2f", value / of)));
    }

    /** What was measured so far. */
    List<String> names() {
        return lines.stream().map(Line::what).toList();
    }

    private void put(Line line) {
        lines.add(line);
        System.out.println(row(line));
    }

    private static String row(Line line) {
        return "| %s | %s | %s | %s |".formatted(line.what(), line.value(), line.limit(), line.ratio());
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%,.0f", value);
    }

    void write(Path file) throws IOException {
        var text = new StringBuilder("| what | measured | against | ratio |\n| --- | --- | --- | --- |\n");
        lines.forEach(line -> text.append(row(line)).append('\n'));
        Files.writeString(file, text);
        System.out.println(text);
    }
}
