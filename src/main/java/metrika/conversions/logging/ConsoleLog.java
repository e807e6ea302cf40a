package metrika.conversions.logging;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;

/**
 * Writes the log to the console. The lines of requests are written together, a moment later: a write for each of them
 * would be a tenth of the work of a request. Every other line is written at once, after those before it; so a process
 * that is killed takes with it the lines of its last requests at the most.
 */
final class ConsoleLog extends OutputStreamAppender<ILoggingEvent> {

    private static final int BUFFER_BYTES = 32 << 10;
    private static final long LATEST_MILLIS = 100;

    private final AtomicBoolean isFlushDue = new AtomicBoolean();
    private final ScheduledExecutorService flushes = Executors.newSingleThreadScheduledExecutor(task -> {
        var thread = new Thread(task, "console-log");
        thread.setDaemon(true);
        return thread;
    });

    @Override
    public void start() {
        setImmediateFlush(false);
        setOutputStream(new BufferedOutputStream(new Console(), BUFFER_BYTES));
        super.start();
    }

    @Override
    protected void append(ILoggingEvent event) {
        super.append(event);
        if (!Redaction.isOfRequest(event)) {
            flush();
        } else if (isFlushDue.compareAndSet(false, true)) {
            flushes.schedule(this::flush, LATEST_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void flush() {
        isFlushDue.set(false);
        streamWriteLock.lock();
        try {
            getOutputStream().flush();
        } catch (IOException e) {
            addError("The console cannot be written to", e);
        } finally {
            streamWriteLock.unlock();
        }
    }

    @Override
    public void stop() {
        super.stop();
        flushes.shutdownNow();
    }

    /** Whatever {@link System#out} is at the moment, which is not ours to close. */
    private static final class Console extends OutputStream {

        @Override
        public void write(int octet) {
            System.out.write(octet);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            System.out.write(bytes, from, length);
        }

        @Override
        public void flush() {
            System.out.flush();
        }
    }
}
