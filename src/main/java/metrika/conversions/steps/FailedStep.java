package metrika.conversions.steps;

import java.nio.file.Path;
import java.util.regex.Pattern;

import org.apache.camel.Exchange;

/** Where in the files of routes something has failed. */
public final class FailedStep {

    private static final Pattern SOURCE = Pattern.compile("(?:file:(?://)?)?(.+):(\\d+)");

    private FailedStep() {}

    /** The file and the line of the step at which an exchange has failed; an empty text where they are not known. */
    public static String of(Exchange exchange, Throwable failure) {
        var last = of(exchange);
        return last.isEmpty() ? SourceSteps.of(exchange, failure) : last;
    }

    /** The file and the line of the step that an exchange came to last; an empty text where they are not known. */
    public static String of(Exchange exchange) {
        return place(exchange.getExchangeExtension().getHistoryNodeSource());
    }

    /** @param source as Camel writes it, or {@code null} */
    static String place(String source) {
        var place = SOURCE.matcher(source == null ? "" : source);
        if (!place.matches()) {
            return "";
        }
        var path = Path.of(place.group(1));
        var here = Path.of("").toAbsolutePath();
        return "%s, line %s".formatted(path.startsWith(here) ? here.relativize(path) : path, place.group(2));
    }
}
