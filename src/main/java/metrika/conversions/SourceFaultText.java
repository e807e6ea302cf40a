package metrika.conversions;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import org.apache.camel.NoSuchBeanException;

import metrika.conversions.check.Finding;
import metrika.conversions.check.RouteCheck;
import metrika.conversions.settings.SettingException;

/** Why a source did not start, in one line for people: file, line and cause, without a class of Java. */
final class SourceFaultText {

    private static final int MAX_LENGTH = 400;
    private static final Pattern CLASS = Pattern.compile("(?:class )?\\b(?:[a-z_][\\w$]*[./]){2,}[A-Z][\\w$]*");
    private static final Pattern EXCEPTION =
            Pattern.compile("\\b(?:[a-z_]\\w*\\.)*[A-Z]\\w*(?:Exception|Error)(?![\\w$]):?\\s*");
    /** What stands behind a question mark in an address: options, among them passwords. */
    private static final Pattern OPTIONS = Pattern.compile("(?<=[\\w/}])\\?[^\\s\\]]+");

    private final Supplier<RouteCheck> checks;
    private final Function<Path, List<Finding>> steps;

    /**
     * @param checks makes one for each file
     * @param steps what is wrong with the steps of a file that is otherwise sound
     */
    SourceFaultText(Supplier<RouteCheck> checks, Function<Path, List<Finding>> steps) {
        this.checks = checks;
        this.steps = steps;
    }

    /**
     * Why the routes of a source, which are sound, do not start: what Camel said.
     *
     * @param files the source's own first; there may be none
     */
    String ofStart(List<Path> files, Throwable failure) {
        var plain = plain(failure);
        return files.isEmpty() ? plain : place(files.get(0), failure, plain).toString();
    }

    /**
     * Why a source cannot be loaded: what {@code check} finds in its files, or else what Camel said.
     *
     * @param files the source's own first; there may be none
     */
    String of(List<Path> files, Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SettingException known) {
                return oneLine(known.getMessage());
            }
        }
        for (var file : files) {
            var findings = checks.get().one(file);
            if (findings.isEmpty()) {
                findings = steps.apply(file);
            }
            if (!findings.isEmpty()) {
                return oneLine(RouteFiles.line(findings));
            }
        }
        return ofStart(files, failure);
    }

    private Finding place(Path file, Throwable failure, String plain) {
        var line = checks.get().explain(file, failure).line();
        return new Finding(file, line == 1 ? 0 : line, plain); // it says 1 when it knows no line
    }

    /** What a failure says, without its wrapping. */
    static String plain(Throwable failure) {
        var last = failure;
        while (last.getCause() != null && last.getCause() != last) {
            if (last instanceof NoSuchBeanException) {
                break;
            }
            last = last.getCause();
        }
        if (last instanceof NoSuchBeanException bean) {
            return "there is no bean " + bean.getName();
        }
        if (last instanceof ClassNotFoundException || last instanceof LinkageError) {
            var missing = String.valueOf(last.getMessage()).replace('/', '.').replaceFirst("\\.[A-Z].*", "");
            return "a jar is missing, or does not fit the others, the one with %s: see ext/".formatted(missing);
        }
        var told = last.getMessage() == null ? "" : oneLine(words(last.getMessage()));
        return told.isBlank() ? "it fails without saying why; log.level.metrika.conversions=debug shows where" : told;
    }

    private static String words(String message) {
        var words = OPTIONS.matcher(message).replaceAll("");
        words = EXCEPTION.matcher(words).replaceAll("");
        return CLASS.matcher(words).replaceAll("…");
    }

    private static String oneLine(String text) {
        var line = text.replaceAll("\\s*\\R\\s*", " ").strip();
        return line.length() > MAX_LENGTH ? line.substring(0, MAX_LENGTH) + "…" : line;
    }
}
