package metrika.conversions.delivery;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecRuntime;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;

/**
 * Breaks a call off whose file Metrika stops to take, or takes without an end. No time-out of a socket counts while it
 * is written to: the thread would wait for ever, with the upload's lease and a call of its login.
 */
public final class UploadWriteTimeout implements HttpClientConfigurer, AutoCloseable {

    /** Slower than that nobody takes a file who means to take it. */
    private static final long MIN_BYTES_A_SECOND = 16 * 1024;

    private static final long LOOK_MILLIS = 500;

    private final Set<Watched> bodies = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(work -> {
        var thread = new Thread(work, "body-watch");
        thread.setDaemon(true);
        return thread;
    });
    private final Duration patience;

    /** @param patience how long Metrika may take over the next piece of a file */
    public UploadWriteTimeout(Duration patience) {
        this.patience = patience;
        looks.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void configureHttpClient(HttpClientBuilder client) {
        client.addExecInterceptorFirst("body-watch", this::execute);
    }

    @Override
    public void close() {
        looks.shutdownNow();
    }

    private ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        if (request.getEntity() != null) {
            request.setEntity(new Watched(request.getEntity(), scope.execRuntime));
        }
        return chain.proceed(request, scope);
    }

    private void look() {
        var now = System.nanoTime();
        bodies.stream().filter(body -> body.isLate(now)).forEach(Watched::breakOff);
    }

    private final class Watched extends HttpEntityWrapper {

        private final ExecRuntime call;
        private volatile long end;
        private volatile long nextPiece;

        Watched(HttpEntity body, ExecRuntime call) {
            super(body);
            this.call = call;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            end = System.nanoTime()
                    + 10 * patience.toNanos()
                    + TimeUnit.SECONDS.toNanos(Math.max(0, getContentLength()) / MIN_BYTES_A_SECOND);
            tookPiece();
            bodies.add(this);
            try {
                super.writeTo(new FilterOutputStream(out) {
                    @Override
                    public void write(byte[] bytes, int offset, int length) throws IOException {
                        out.write(bytes, offset, length);
                        tookPiece();
                    }
                });
            } finally {
                bodies.remove(this);
            }
        }

        private void tookPiece() {
            nextPiece = System.nanoTime() + patience.toNanos();
        }

        boolean isLate(long now) {
            return now - nextPiece > 0 || now - end > 0;
        }

        /** Closes the connection under the thread that writes to it, which fails there. */
        void breakOff() {
            bodies.remove(this);
            call.discardEndpoint();
        }
    }
}
