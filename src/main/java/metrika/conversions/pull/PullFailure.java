package metrika.conversions.pull;

import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

import org.apache.camel.spi.Registry;

import metrika.conversions.logging.LoggingConfig;

/**
 * Why a source could not be pulled, in words for whoever operates it.
 *
 * @param message holds no secret and no value of a row
 * @param retryAfterSeconds for how long the source asks to be left alone
 * @param passes whether it is the server's own trouble, which passes without anybody here
 */
record PullFailure(String message, long retryAfterSeconds, boolean passes) {

    /** Classes of SQLSTATE whose messages quote values. */
    private static final String DATA_EXCEPTION = "22";

    private static final String CONSTRAINT = "23";
    /** SQLSTATE of a server that refuses a login, or wants a password and has got none. */
    private static final Pattern NO_ENTRY = Pattern.compile("28.*|08004");
    /** SQLSTATE of a server that cannot be reached, or that has no such database. */
    private static final Pattern NOT_THERE = Pattern.compile("08.*|3D000");
    /** Of a server that is asked too often, or is out of order. */
    private static final Pattern PASSING = Pattern.compile("http_(429|5..)");
    /** What stands before the reason in the words of the HTTP client. */
    private static final Pattern BEFORE_REASON = Pattern.compile("(?s).* failed: ");

    private static final Pattern SERVER = Pattern.compile("https?://[^/ ]*");

    /**
     * @param request what was asked of an API, as the log may have it; {@code null}: nothing
     * @param dataSource name of the database that was asked; {@code null}: none
     * @param registry has that database
     */
    static PullFailure of(Throwable failure, String request, String dataSource, Registry registry) {
        var said = first(failure, PullException.class); // whatever Camel has wrapped around it
        if (said.isPresent()) {
            var own = said.get();
            return new PullFailure(
                    own.getMessage(),
                    own.retryAfterSeconds(),
                    PASSING.matcher(own.code()).matches());
        }
        var connection = request == null ? Optional.<String>empty() : connection(failure, request);
        return connection
                .map(text -> new PullFailure(text, 0, true))
                .orElseGet(() -> new PullFailure(reason(failure) + hint(failure, dataSource, registry), 0, false));
    }

    /** Of an API that is not to be reached, what a person can read. */
    private static Optional<String> connection(Throwable failure, String request) {
        var server = SERVER.matcher(request);
        var name = server.find() ? server.group() : "it";
        Function<Exception, String> why = cause ->
                BEFORE_REASON.matcher(String.valueOf(cause.getMessage())).replaceFirst("");
        return first(failure, UnknownHostException.class)
                .map(cause -> "no connection to %s: there is no server of this name".formatted(name))
                .or(() -> first(failure, ConnectException.class)
                        .map(cause -> "no connection to %s: %s".formatted(name, why.apply(cause))))
                .or(() -> first(failure, SocketTimeoutException.class)
                        .map(cause -> "no answer from %s: %s".formatted(name, why.apply(cause))));
    }

    /** What went wrong; of a database, the source's or ours, its own words, unless they may quote a row. */
    private static String reason(Throwable failure) {
        SQLException said = null;
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException database && database.getMessage() != null) {
                said = database; // a pool says that it has no connection, and its cause why
            }
        }
        var state = said == null ? "" : String.valueOf(said.getSQLState());
        if (said == null || state.startsWith(DATA_EXCEPTION) || state.startsWith(CONSTRAINT)) {
            return LoggingConfig.reason(failure);
        }
        return "the database says: "
                + LoggingConfig.withoutSecrets(
                        said.getMessage().lines().findFirst().orElse(""))
                + (said.getSQLState() == null ? "" : " (SQLSTATE %s)".formatted(state));
    }

    /** Of a database that lets nobody in, or is not there, the settings to look at. */
    private static String hint(Throwable failure, String dataSource, Registry registry) {
        for (var cause = dataSource == null ? null : failure; cause != null; cause = cause.getCause()) {
            var state = cause instanceof SQLException said ? String.valueOf(said.getSQLState()) : "";
            if (NO_ENTRY.matcher(state).matches()) {
                return DataSources.hint(dataSource, registry.lookupByName(dataSource));
            }
            if (NOT_THERE.matcher(state).matches()) {
                return ": see data-source.%s.url".formatted(dataSource);
            }
        }
        return "";
    }

    private static <T> Optional<T> first(Throwable failure, Class<T> kind) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return Optional.of(kind.cast(cause));
            }
        }
        return Optional.empty();
    }
}
