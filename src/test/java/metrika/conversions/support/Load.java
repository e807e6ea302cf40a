package metrika.conversions.support;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

import static metrika.conversions.support.Samples.request;

/**
 * Senders that do as a careful CRM does: each request has an idempotency key, and is repeated until it is answered 200.
 */
public final class Load implements AutoCloseable {

    private static final int SIZE = 20;
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final AtomicLong batches = new AtomicLong();
    private final List<CompletableFuture<Void>> senders = new ArrayList<>();
    private volatile boolean stopping;

    /** @param webhook gives, for each try, the webhook at a process that may be up */
    public Load(int senders, Supplier<TestWebhook> webhook) {
        for (int i = 0; i < senders; i++) {
            var prefix = "s" + i + "-";
            this.senders.add(CompletableFuture.runAsync(() -> run(prefix, webhook), task -> new Thread(task).start()));
        }
    }

    /** How many batches were answered 200. */
    public long batches() {
        return batches.get();
    }

    /** How many conversions were answered 200. */
    public long conversions() {
        return batches.get() * SIZE;
    }

    /** Ends it: what was begun is repeated until it is answered 200. */
    @Override
    public void close() {
        stopping = true;
        senders.forEach(CompletableFuture::join);
    }

    private void run(String prefix, Supplier<TestWebhook> webhook) {
        for (int n = 0; !stopping; n++) {
            var body = request(SIZE, prefix + n + "-");
            while (!isAnswered(webhook.get(), body, prefix + n)) {
                LockSupport.parkNanos(PAUSE.toNanos());
            }
            batches.incrementAndGet();
        }
    }

    private static boolean isAnswered(TestWebhook webhook, String body, String key) {
        try {
            var answer = webhook.send(body, key);
            if (answer.status() != 200 && answer.status() != 503) {
                throw new IllegalStateException(answer.toString());
            }
            return answer.status() == 200;
        } catch (UncheckedIOException e) {
            return false; // killed, or not yet up: the outcome is unknown, and the same request goes to another process
        }
    }
}
