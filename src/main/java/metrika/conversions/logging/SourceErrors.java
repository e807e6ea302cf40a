package metrika.conversions.logging;

import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.concurrent.TimeoutException;

import io.micrometer.core.instrument.Metrics;

import metrika.conversions.problem.HasProblem;

/** Counts what fails of sources without a caller: the metric {@code source_errors_total}, by source and code. */
public final class SourceErrors {

    private static final int MAX_CAUSES = 20;

    /** A failure that knows its code, one of a few. */
    public interface Coded {

        String code();
    }

    private SourceErrors() {}

    /** @param source its name, without {@code in-} */
    public static void count(String source, Throwable failure) {
        Metrics.counter("source.errors", "source", source, "code", code(failure))
                .increment();
    }

    /** The first that one of the causes tells; there are only so many. */
    static String code(Throwable failure) {
        var cause = failure;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
            var code = codeOfOne(cause);
            if (code != null) {
                return code;
            }
            cause = cause.getCause();
        }
        return "other";
    }

    private static String codeOfOne(Throwable cause) {
        if (cause instanceof Coded coded) {
            return coded.code();
        }
        if (cause instanceof HasProblem problem) {
            return "http_" + problem.problem().status();
        }
        if (cause instanceof SQLException) {
            return "database";
        }
        if (cause instanceof InterruptedIOException || cause instanceof TimeoutException) {
            return "timeout";
        }
        return cause instanceof ConnectException
                        || cause instanceof UnknownHostException
                        || cause instanceof NoRouteToHostException
                ? "unreachable"
                : null;
    }
}
