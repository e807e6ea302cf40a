package metrika.conversions.logging;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

import ch.qos.logback.classic.pattern.TargetLengthBasedClassNameAbbreviator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.encoder.EncoderBase;

import metrika.conversions.ids.LogIds;
import metrika.conversions.problem.Json;

/**
 * Writes an event of the log, as text for people or as one JSON object a line for machines ({@code log.format}). All
 * that is written has passed {@link Redaction}.
 */
public final class RedactingEncoder extends EncoderBase<ILoggingEvent> {

    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss");
    private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("XXX");
    private static final int LEVEL_WIDTH = 5;
    private static final int NAME_WIDTH = 28;
    private static final TargetLengthBasedClassNameAbbreviator SHORT =
            new TargetLengthBasedClassNameAbbreviator(NAME_WIDTH);
    private static final Pattern INNER_LINE_END = Pattern.compile("\\R(?=.)");
    private static final String NEXT_LINE = System.lineSeparator() + "  ";
    private static final int MAX_CAUSES = 20;

    private static volatile boolean isJson;
    /** The last second that was written. */
    private static volatile Second second = new Second(Long.MIN_VALUE, "", "");

    private record Second(long second, String text, String offset) {}

    static void setJson(boolean json) {
        isJson = json;
    }

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        return (isJson ? json(event) : text(event)).getBytes(StandardCharsets.UTF_8);
    }

    private static String text(ILoggingEvent event) {
        // Put together by hand: there is a line for every request
        var line = new StringBuilder(200).append(time(event.getInstant())).append(' ');
        padded(line, event.getLevel().toString(), LEVEL_WIDTH).append(' ');
        padded(line, SHORT.abbreviate(event.getLoggerName()), NAME_WIDTH).append(' ');
        ids(line, LogIds.shown());
        line.append(Redaction.isOfRequest(event) ? event.getFormattedMessage() : indented(Redaction.message(event)))
                .append(System.lineSeparator());
        if (event.getThrowableProxy() != null) {
            line.append(stack(event));
        }
        return line.toString();
    }

    /** The ids in brackets: the one of the request by itself, the others with their names. */
    private static void ids(StringBuilder line, Map<String, String> ids) {
        var start = line.length();
        ids.forEach((name, id) -> line.append(line.length() == start ? '[' : ' ')
                .append(name.equals(LogIds.REQUEST) ? "" : name + "=")
                .append(id));
        line.append(line.length() == start ? "" : "] ");
    }

    private static StringBuilder padded(StringBuilder line, String text, int width) {
        return line.append(text).append(" ".repeat(Math.max(0, width - text.length())));
    }

    /** In this machine's zone, to the millisecond. The second is written once for all lines of it. */
    private static String time(Instant instant) {
        var known = second;
        if (known.second() != instant.getEpochSecond()) {
            var local = instant.atZone(ZoneId.systemDefault());
            known = new Second(instant.getEpochSecond(), SECOND.format(local) + '.', OFFSET.format(local));
            second = known;
        }
        var millis = String.valueOf(1000 + instant.getNano() / 1_000_000);
        return known.text() + millis.substring(1) + known.offset();
    }

    /** What begins at the start of a line is a line of the log's own. */
    private static String indented(String text) {
        return INNER_LINE_END.matcher(text).replaceAll(NEXT_LINE);
    }

    private static String json(ILoggingEvent event) {
        var line = new LinkedHashMap<String, Object>();
        line.put("time", time(event.getInstant()));
        line.put("level", event.getLevel().toString());
        line.put("logger", event.getLoggerName());
        line.put("thread", event.getThreadName());
        line.putAll(LogIds.shown());
        line.put("message", Redaction.message(event));
        if (event.getThrowableProxy() != null) {
            line.put("stack", stack(event));
        }
        return Json.write(line) + System.lineSeparator();
    }

    private static String stack(ILoggingEvent event) {
        var text = new StringBuilder();
        var cause = event.getThrowableProxy();
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
            append(text, depth == 0 ? "" : "Caused by: ", cause, event.getLoggerName());
            for (var suppressed : cause.getSuppressed()) {
                append(text, "  Suppressed: ", suppressed, event.getLoggerName());
            }
            cause = cause.getCause();
        }
        return text.toString();
    }

    private static void append(StringBuilder text, String prefix, IThrowableProxy proxy, String logger) {
        var message = proxy instanceof ThrowableProxy known ? Redaction.message(known.getThrowable(), logger) : null;
        text.append(prefix).append(proxy.getClassName());
        if (message != null) {
            text.append(": ").append(indented(message));
        }
        text.append(System.lineSeparator());
        var frames = proxy.getStackTraceElementProxyArray();
        for (int i = 0; i < frames.length - proxy.getCommonFrames(); i++) {
            text.append("\tat ").append(frames[i].getStackTraceElement()).append(System.lineSeparator());
        }
    }
}
