package metrika.conversions.logging;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** When a line of the log is written, and when it says that it was. */
@ResourceLock(Resources.SYSTEM_OUT)
class ConsoleLogTest {

    private static final String REQUESTS = "metrika.conversions.http.RequestLog";

    private final PrintStream before = System.out;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final LoggerContext context = new LoggerContext();
    private final ConsoleLog log = new ConsoleLog();

    @BeforeEach
    void start() {
        System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
        var lines = new RedactingEncoder();
        lines.setContext(context);
        lines.start();
        log.setContext(context);
        log.setEncoder(lines);
        log.start();
    }

    @AfterEach
    void stop() {
        log.stop();
        System.setOut(before);
    }

    private void log(String logger, String message, Instant at) {
        var event = new LoggingEvent("", context.getLogger(logger), Level.INFO, message, null, null);
        event.setMDCPropertyMap(Map.of());
        event.setInstant(at);
        log.doAppend(event);
    }

    private String written() {
        return written.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aLineIsWrittenAtOnceAfterThoseOfRequestsBeforeIt() {
        var now = Instant.now();
        log(REQUESTS, "first", now);
        log("metrika.conversions.Application", "second", now);
        assertThat(written()).containsSubsequence("first", "second");
    }

    @Test
    void theLineOfARequestIsNotWaitedForLong() {
        log(REQUESTS, "alone", Instant.now());
        await().until(() -> written().contains("alone"));
        log(REQUESTS, "again", Instant.now());
        await().until(() -> written().contains("again"));
    }

    @Test
    void whatIsLeftIsWrittenAtTheEnd() {
        log(REQUESTS, "last", Instant.now());
        log.stop();
        assertThat(written()).contains("last");
    }

    @Test
    void eachLineHasItsTime() {
        var time = Instant.parse("2026-11-30T12:00:00.007Z");
        log("metrika.conversions.Application", "a", time);
        log("metrika.conversions.Application", "b", time.plusMillis(992));
        log("metrika.conversions.Application", "c", time.plusMillis(993));
        var times = written()
                .lines()
                .filter(line -> line.contains(" INFO ")) // the run tells its progress there too
                .map(line -> line.substring(0, line.indexOf(' ')))
                .toList();
        assertThat(times)
                .extracting(text -> OffsetDateTime.parse(text).toInstant())
                .containsExactly(time, time.plusMillis(992), time.plusMillis(993));
        assertThat(times.get(0)).contains("00.007");
    }
}
