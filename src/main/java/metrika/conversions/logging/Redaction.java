package metrika.conversions.logging;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

import ch.qos.logback.classic.spi.ILoggingEvent;
import org.postgresql.util.PSQLException;

import metrika.conversions.intake.InvalidConversions;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.settings.SettingException;

/**
 * Keeps out of the log what does not belong there: secrets, tokens, and anything that a caller or Metrika sent.
 *
 * <p>What a conversion looks like cannot be told from other text. So the rule is turned round: what this product says
 * about itself is written, since its messages are made to quote nothing; what a library says is written only where it
 * is about starting and stopping, or with its arguments left out. An exception keeps its class and its stack. On top of
 * it, what looks like a credential is struck out of all lines.
 */
final class Redaction {

    static final String STRUCK = "***";
    /** How the message of an exception ends that is not written. */
    static final String WITHHELD = "(message withheld)";

    /**
     * Whose messages are written: our own, among them those of routes whose log steps have {@code logName} begin so,
     * and those of libraries about starting, reloading, connecting and stopping.
     */
    private static final List<String> TOLD = List.of(
            "metrika.conversions.",
            "org.apache.camel.main.",
            "org.apache.camel.support.FileWatcherResourceReloadStrategy",
            "org.apache.camel.support.RouteWatcherReloadStrategy",
            "org.apache.camel.impl.engine.DefaultShutdownStrategy",
            "org.flywaydb.",
            "com.zaxxer.hikari.",
            "io.zonky.",
            "org.apache.camel.component.kafka.KafkaFetchRecords",
            "org.apache.camel.component.kafka.consumer.errorhandler.",
            "org.apache.kafka.clients.NetworkClient",
            "org.quartz.core.QuartzScheduler",
            "io.vertx.core.impl.BlockedThreadChecker");
    /**
     * Whose lines have a fixed form, with ids and addresses in it only. There is one for each request, and to search it
     * takes longer than all else about it.
     */
    private static final String REQUESTS = "metrika.conversions.http.RequestLog";
    /** Where the messages of exceptions too are about files and settings, not about requests. */
    private static final List<String> TOLD_WITH_CAUSES = List.of(
            "metrika.conversions.Application",
            "org.apache.camel.main.",
            "org.apache.camel.support.FileWatcherResourceReloadStrategy",
            "org.apache.camel.support.RouteWatcherReloadStrategy",
            "org.flywaydb.",
            "io.zonky.");
    /** Exceptions of Java whose messages are about the machine or the program. */
    private static final Set<String> HARMLESS = Set.of(
            "java.lang.NullPointerException",
            "java.lang.ClassCastException",
            "java.lang.OutOfMemoryError",
            "java.lang.StackOverflowError",
            "java.lang.NoClassDefFoundError",
            "java.lang.ClassNotFoundException",
            "java.lang.NoSuchMethodError",
            "java.lang.InterruptedException",
            "java.lang.IndexOutOfBoundsException",
            "java.lang.ArrayIndexOutOfBoundsException",
            "java.io.IOException",
            "java.io.EOFException",
            "java.io.FileNotFoundException",
            "java.nio.file.NoSuchFileException",
            "java.nio.file.AccessDeniedException",
            "java.nio.file.FileSystemException",
            "java.util.concurrent.TimeoutException",
            "java.util.concurrent.RejectedExecutionException",
            "org.apache.hc.client5.http.HttpHostConnectException",
            "org.apache.hc.client5.http.ConnectTimeoutException",
            "org.apache.hc.core5.http.NoHttpResponseException",
            "java.sql.SQLTransientConnectionException");

    private static final List<String> HARMLESS_PACKAGES =
            List.of("java.net.", "javax.net.ssl.", "java.security.", "org.apache.kafka.common.errors.");

    /** How Camel says what a step failed with. */
    private static final Pattern CAUGHT = Pattern.compile("caught: [A-Za-z0-9_.$]+");

    private static final Pattern QUOTED =
            Pattern.compile("\"[^\"]*\"?|'[^']*'?|`[^`]*`?|\\([^()]*\\)=\\([^()]*\\)?|\\{.*");
    /**
     * A header or a field that holds a credential, with its value, in the forms that headers, JSON and maps are written
     * in.
     */
    private static final Pattern NAMED = Pattern.compile("(?i)([\"']?\\b(?:proxy-)?(?:authorization|cookie|set-cookie"
            + "|[a-z0-9_.-]*(?:secret|token|password|passwd|signature"
            + "|encryption[._-]?key|api[._-]?key))[\"']?\\s*[:=]\\s*)"
            + "(?:\"[^\"]*\"?|'[^']*'?|(?:(?:bearer|basic|oauth)\\s+)?[^\\s,;&}\\])]+)");

    private static final Pattern SCHEME = Pattern.compile("(?i)\\b(bearer|oauth|basic)\\s+[A-Za-z0-9._~+/=-]{4,}");
    private static final Pattern SHAPED =
            Pattern.compile("\\bwhsec_[A-Za-z0-9+/=_-]+|\\bv1a?,[A-Za-z0-9+/=]{20,}|\\by[0-9]_[A-Za-z0-9_-]{8,}");
    private static final Pattern USER_INFO = Pattern.compile("(?i)\\b([a-z][a-z0-9+.-]*://)[^/\\s@]+@");

    /**
     * Who is not let in, what is not there or away, or what a server has answered that a route had to ask: these
     * problems name ids at the most, and quote nothing that is to be kept.
     */
    private static final Set<Integer> QUOTES_NOBODY = Set.of(403, 404, 502, 503);

    private static volatile List<String> known = List.of();
    private static volatile boolean withholding = true;

    private Redaction() {}

    /**
     * Sets what is known at the start.
     *
     * @param secrets never to be written, wherever they turn up
     * @param withhold whether what libraries say is left out
     */
    static void configure(Collection<String> secrets, boolean withhold) {
        known = secrets.stream()
                .distinct()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
        withholding = withhold;
    }

    /** Whether it is the line of an answered request. */
    static boolean isOfRequest(ILoggingEvent event) {
        return event.getLoggerName().equals(REQUESTS);
    }

    /** Whether what others say is left out. */
    static boolean isWithholding() {
        return withholding;
    }

    /** What is written of an event's message. */
    static String message(ILoggingEvent event) {
        if (isOfRequest(event)) {
            return event.getFormattedMessage();
        }
        if (!withholding || begins(event.getLoggerName(), TOLD)) {
            return strike(event.getFormattedMessage());
        }
        var template = event.getMessage();
        if (template == null
                || event.getArgumentArray() == null
                || event.getArgumentArray().length == 0
                || !template.contains("{}")) {
            var caught = CAUGHT.matcher(template == null ? "" : template);
            return caught.find() ? "(withheld, log.withhold; " + caught.group() + ")" : "(withheld, log.withhold)";
        }
        return strike(mask(template.replace("{}", "…")));
    }

    /** What is written of an exception's message; {@code null} when it has none. */
    static String message(Throwable failure, String logger) {
        if (failure.getMessage() == null) {
            return null;
        }
        if (!withholding || begins(logger, TOLD_WITH_CAUSES) || isOurs(failure)) {
            return strike(failure.getMessage());
        }
        if (failure instanceof PSQLException database) {
            return "SQLSTATE " + database.getSQLState() + told(database);
        }
        var name = failure.getClass().getName();
        if (HARMLESS.contains(name) || begins(name, HARMLESS_PACKAGES)) {
            return strike(mask(failure.getMessage()));
        }
        return failure instanceof SQLException database
                ? "SQLSTATE " + database.getSQLState() + " " + WITHHELD
                : WITHHELD;
    }

    /** What the server says of an error besides its text, which quotes values: the names of what it is about. */
    private static String told(PSQLException failure) {
        var server = failure.getServerErrorMessage();
        if (server == null) {
            return ", " + strike(mask(failure.getMessage()));
        }
        var names = new ArrayList<String>();
        for (var name :
                new String[] {server.getTable(), server.getColumn(), server.getConstraint(), server.getRoutine()}) {
            if (name != null) {
                names.add(name);
            }
        }
        return ", " + strike(mask(String.valueOf(server.getMessage()))) + (names.isEmpty() ? "" : " " + names);
    }

    /** Whether the message was written by this product's own code, and is not one that answers a caller, quoting it. */
    private static boolean isOurs(Throwable failure) {
        var stack = failure.getStackTrace();
        return failure instanceof SettingException
                || failure instanceof InvalidConversions // how many of how many
                || failure instanceof ProblemException problem && QUOTES_NOBODY.contains(problem.status())
                || failure.getClass().getName().startsWith("java.lang.Illegal")
                        && stack.length > 0
                        && stack[0].getClassName().startsWith("metrika.conversions.");
    }

    /** Strikes out what looks like a credential, or is a known one. */
    static String strike(String text) {
        var struck = text;
        for (var secret : known) {
            struck = struck.replace(secret, STRUCK);
        }
        struck = NAMED.matcher(struck).replaceAll("$1" + STRUCK.replace("*", "\\*"));
        struck = SCHEME.matcher(struck).replaceAll("$1 " + STRUCK.replace("*", "\\*"));
        struck = SHAPED.matcher(struck).replaceAll(STRUCK.replace("*", "\\*"));
        return USER_INFO.matcher(struck).replaceAll("$1" + STRUCK.replace("*", "\\*") + "@");
    }

    /** Leaves out what stands in quotes or braces: what a message is about, not what it says. */
    private static String mask(String text) {
        return QUOTED.matcher(text).replaceAll("…");
    }

    private static boolean begins(String name, List<String> prefixes) {
        return prefixes.stream().anyMatch(name::startsWith);
    }
}
