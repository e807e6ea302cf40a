package metrika.conversions.logging;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.ExchangeHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.intake.ConversionStore;
import metrika.conversions.problem.HasProblem;
import metrika.conversions.steps.FailedCheck;
import metrika.conversions.steps.FailedStep;

/**
 * Says in a line why an exchange has failed, or fails at the moment, on a route without a caller, where Camel would
 * print a stack trace each time.
 */
public final class RouteFailureLogger implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(RouteFailureLogger.class);
    /** What the ids of the routes of sources begin with. */
    private static final String SOURCE = "in-";
    /** What the ids of the routes of channels begin with. */
    private static final String CHANNEL = "out-";
    /** Between two lines of the same text: many messages fail at the same moment, for one reason. */
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** What Hikari says of a connection that it cannot give is another text each time. */
    private static final Pattern NUMBERS_OF_POOL = Pattern.compile("\\d+ms|\\b(?:total|active|idle|waiting)=\\d+");

    private record Line(String text, long time) {}

    /** The last line of each route. */
    private final Map<String, Line> last = new ConcurrentHashMap<>();

    @Override
    public void process(Exchange exchange) {
        var failure = exchange.getException() != null
                ? exchange.getException()
                : exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        if (String.valueOf(exchange.getFromRouteId()).startsWith(SOURCE) || exchange.getVariable("source") != null) {
            SourceErrors.count(ConversionStore.sourceOf(exchange), failure);
        }
        var mail = exchange.getVariable("mail");
        var name = mail != null ? mail : file(exchange);
        var route = route(exchange);
        var text = (name == null ? "" : name + ": ") + LoggingConfig.reason(failure) + place(exchange, failure);
        var now = System.nanoTime();
        var line = new Line(NUMBERS_OF_POOL.matcher(text).replaceAll(""), now);
        // The first of those that find the last line to be another, or old
        if (last.merge(
                        route,
                        line,
                        (before, mine) ->
                                before.text().equals(mine.text()) && now - before.time() < PAUSE_NANOS ? before : mine)
                == line) {
            LOG.warn("{} is tried again: {}", route, text);
        }
    }

    /**
     * The file that is read, with its folder: files of one name in two folders are two. {@code null} when there is
     * none.
     */
    public static String file(Exchange exchange) {
        var name = exchange.getMessage().getHeader(Exchange.FILE_NAME_ONLY, String.class);
        var path = exchange.getMessage()
                .getHeader(Exchange.FILE_NAME, "", String.class)
                .replace('\\', '/');
        return name != null && path.endsWith("/" + name) ? path : name;
    }

    /** A route that begins with a kamelet has a name, and the route of the kamelet another. */
    private static String route(Exchange exchange) {
        var at = ExchangeHelper.getAtRouteId(exchange);
        if (at == null || !at.equals(exchange.getFromRouteId())) {
            return at;
        }
        var source = exchange.getVariable("source");
        var channel = exchange.getVariable("channel");
        return source != null ? SOURCE + source : channel != null ? CHANNEL + channel : at;
    }

    /** Where a mistake in a route may be. What a database or another server says is nobody's mistake. */
    private static String place(Exchange exchange, Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause() == cause ? null : cause.getCause()) {
            if (cause instanceof SQLException
                    || cause instanceof IOException
                    || cause instanceof HasProblem
                    || cause instanceof FailedCheck) {
                return "";
            }
        }
        var step = FailedStep.of(exchange);
        return step.isEmpty() ? "" : " (" + step + ")";
    }
}
