package metrika.conversions.check;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.commons.text.similarity.LevenshteinDistance;

import metrika.conversions.intake.ConversionField;
import metrika.conversions.intake.ConversionStore;
import metrika.conversions.sources.Columns;

/** The variables that a source sets for what it calls: their names and, where these are of a kind, their values. */
final class VariableCheck {

    /** What this product reads, besides the fields of a conversion. */
    private static final List<String> READ = List.of(
            "webhook",
            "idempotency-key",
            "bad-rows",
            "columns",
            "encoding",
            "all-or-nothing",
            "each-order",
            "rows",
            "skip-lines",
            "last-line",
            "changed",
            "done",
            "failed",
            "failed-when",
            "outcome",
            "senders",
            "most-bytes",
            "failed-folder",
            "answer",
            "source",
            "format",
            "ignored-reason",
            "left-out-reason",
            "fault");

    private static final Set<String> BAD_ROWS =
            new TreeSet<>(Set.of(ConversionStore.LEAVE_OUT, ConversionStore.LOG, ConversionStore.REFUSE));
    /** Names of fewer letters are near to too many others. */
    private static final int LONG = 6;

    private static final Pattern RAW = Pattern.compile("(?s)^\\s*RAW[({](.*)[)}]\\s*$");
    private static final Pattern SETS = Pattern.compile(".*/(setVariable|variables/\\d+)/name");
    private static final Pattern USED = Pattern.compile("variable[s.:\\[]|variable(Send|Receive)?$");

    /** Texts that iif chooses from, in quotes, which it does not take off. */
    private static final Pattern QUOTED_CHOICE = Pattern.compile("\\$\\{iif\\(.*,\\s*(?:'[^'$]*'|\"[^\"$]*\")\\s*[,)]");

    private final UnaryOperator<String> filled;

    /** @param filled gives a text with the values of settings in place of their names */
    VariableCheck(UnaryOperator<String> filled) {
        this.filled = filled;
    }

    /** Tells of each variable that is wrong. */
    void check(YamlFile file, BiConsumer<YamlFile.Scalar, String> faults) {
        if (!file.path().getFileName().toString().startsWith("in-")) {
            return; // routes of the core have variables of their own
        }
        for (var scalar : file.scalars()) {
            if (SETS.matcher(scalar.pointer()).matches()) {
                name(file, scalar, faults);
                value(file, scalar, faults);
            }
            if (scalar.pointer().endsWith("/parameters/columns")) {
                columns(scalar, RAW.matcher(scalar.text()).replaceFirst("$1"), faults);
            }
        }
    }

    /** Whether a file has a name that most likely stands for another. */
    boolean isMisspelt(YamlFile file, String meant) {
        return file.scalars().stream()
                .filter(scalar -> SETS.matcher(scalar.pointer()).matches())
                .anyMatch(scalar -> meant.equals(meant(file, scalar.text())));
    }

    private static void name(YamlFile file, YamlFile.Scalar scalar, BiConsumer<YamlFile.Scalar, String> faults) {
        var meant = meant(file, scalar.text());
        if (meant != null) {
            faults.accept(scalar, "nothing reads the variable %s: is %s meant?".formatted(scalar.text(), meant));
        }
    }

    /** What a name stands for that nothing reads; {@code null} for one that is right, or of the route's own. */
    private static String meant(YamlFile file, String name) {
        var known = new TreeSet<>(READ);
        known.addAll(ConversionField.names());
        if (known.contains(name) || name.contains("{{") || name.contains("${")) {
            return null;
        }
        var isUsed = file.scalars().stream()
                .anyMatch(scalar -> scalar.text().contains(name)
                        && (USED.matcher(scalar.text()).find()
                                || USED.matcher(scalar.name()).find()
                                || scalar.text().contains(":?" + name)));
        var near = isUsed || hasStatement(file) ? null : NearMiss.of(name, known);
        var most = name.length() < LONG ? 1 : 2;
        return near == null || new LevenshteinDistance(most).apply(name, near) < 0 ? null : near;
    }

    /** Statements read variables too. */
    private static boolean hasStatement(YamlFile file) {
        return file.scalars().stream().anyMatch(scalar -> scalar.pointer().endsWith("/parameters/statement"));
    }

    private void value(YamlFile file, YamlFile.Scalar name, BiConsumer<YamlFile.Scalar, String> faults) {
        var place = name.pointer().replaceFirst("/name$", "");
        if (name.text().equals("outcome")) {
            file.scalars().stream()
                    .filter(each -> each.pointer().startsWith(place + "/")
                            && QUOTED_CHOICE.matcher(each.text()).find())
                    .forEach(each -> faults.accept(
                            each, "the folder would have the quotes in its name: iif takes its texts without them"));
        }
        for (var way : List.of(
                "/expression/constant/expression", "/expression/constant", "/constant/expression", "/constant")) {
            var value = file.tree().at(place + way);
            if (value.isTextual()) {
                var scalar = file.scalars().stream()
                        .filter(each -> each.pointer().equals(place + way))
                        .findFirst()
                        .orElse(name);
                if (name.text().equals("columns")) {
                    columns(scalar, value.asText(), faults);
                }
                if (name.text().equals("bad-rows") && !BAD_ROWS.contains(filled(value))) {
                    faults.accept(
                            scalar,
                            "bad-rows is '%s': %s is expected"
                                    .formatted(value.asText(), String.join(" or ", BAD_ROWS)));
                }
            }
        }
    }

    private String filled(JsonNode value) {
        return filled(value.asText());
    }

    /** A text with the values of settings in place of their names. */
    String filled(String text) {
        return filled.apply(text);
    }

    private void columns(YamlFile.Scalar scalar, String text, BiConsumer<YamlFile.Scalar, String> faults) {
        var fault = Columns.fault(filled.apply(text));
        if (fault != null) {
            faults.accept(scalar, fault);
        }
    }
}
