package metrika.simulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Yandex Metrika's offline conversions API on a port of this machine.
 *
 * <p>The calls are served under {@link #url()} as at the real address; the simulator's own surface is under
 * {@code /simulator/}. All methods may be called from any thread. The server's threads keep the JVM running until
 * {@link #close()}.
 */
public final class Simulator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Simulator.class);
    private static final int WORKERS = 8;
    private static final int PATIENCE_SECONDS = 15;

    private final SimulatorSettings initial;
    private final AtomicReference<SimulatorSettings> settings;
    private final StatusClock clock = new StatusClock(Clock.systemUTC());
    private final Faults faults = new Faults();
    private final Gate gate = new Gate();
    private final Calls calls = new Calls();
    private final Quota quota = new Quota();
    private final Goals goals;
    private final UploadStore store;
    private Vertx vertx;
    private HttpServer server;

    public Simulator(SimulatorSettings settings) {
        this.initial = settings;
        this.settings = new AtomicReference<>(settings);
        this.goals = new Goals(this.settings::get);
        this.store = new UploadStore(settings.directory(), clock, this.settings::get, goals);
    }

    /**
     * Reads what an earlier run left in the directory, and listens.
     *
     * @throws IllegalStateException when the address is taken, or when it was started before
     */
    public synchronized Simulator start() {
        if (vertx != null) {
            throw new IllegalStateException("The simulator was started before");
        }
        try {
            store.open();
        } catch (IOException | IllegalArgumentException unreadable) {
            throw new IllegalStateException(
                    "The simulator cannot use the directory " + initial.directory(), unreadable);
        }
        vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(WORKERS)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        // Plain HTTP/1.1, so that a broken connection is broken for one call only.
        server = vertx.createHttpServer(
                        new HttpServerOptions().setHttp2ClearTextEnabled(false).setHandle100ContinueAutomatically(true))
                .requestHandler(router());
        try {
            await(server.listen(initial.port(), initial.host()));
        } catch (IllegalStateException taken) {
            close();
            throw new IllegalStateException(
                    "The simulator cannot listen on " + initial.host() + ":" + initial.port(), taken);
        }
        LOG.info("Metrika's simulator listens on {}, files in {}", url(), initial.directory());
        return this;
    }

    /** Ends all calls and frees the port; the files stay. */
    @Override
    public synchronized void close() {
        if (vertx != null) {
            await(vertx.close());
            vertx = null;
        }
    }

    /** The port that it listens on. */
    public synchronized int port() {
        return server.actualPort();
    }

    /** What stands in a client for {@code https://api-metrika.yandex.net}, without a slash at the end. */
    public String url() {
        String host = initial.host().contains(":") ? "[" + initial.host() + "]" : initial.host();
        return "http://" + host + ":" + port();
    }

    /** The settings in force. */
    public SimulatorSettings settings() {
        return settings.get();
    }

    /**
     * Puts other settings in force, from the next call on.
     *
     * @throws IllegalArgumentException for another host, port or directory: these hold for as long as it runs
     */
    public void settings(SimulatorSettings changed) {
        if (!changed.host().equals(initial.host())
                || changed.port() != initial.port()
                || !changed.directory().equals(initial.directory())) {
            throw new IllegalArgumentException("host, port and directory cannot change while the simulator runs");
        }
        settings.set(changed);
    }

    /** Gives a counter goals of its own, and no others: the goals of the settings are those of all other counters. */
    public void goals(long counter, String... identifiers) {
        goals.set(counter, List.of(identifiers));
    }

    /** All files that were taken, oldest first, with the status that they have by now. */
    public List<ReceivedUpload> uploads() {
        return store.all();
    }

    /** A file as it came. */
    public byte[] file(long id) {
        try {
            return Files.readAllBytes(store.file(id));
        } catch (IOException unreadable) {
            throw new UncheckedIOException("Cannot read the file of upload " + id, unreadable);
        }
    }

    /** The rows of all files, in the order in which they came: column name to value. Held in memory. */
    public List<Map<String, String>> conversions() {
        List<Map<String, String>> rows = new ArrayList<>();
        try {
            Conversions.each(store, rows::add);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("Cannot read the files", unreadable);
        }
        return rows;
    }

    /** What each counter holds, by counter. */
    public List<CounterAccount> account() {
        try {
            return Accounts.of(store);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("Cannot read the files", unreadable);
        } catch (RefusedException changedOnDisk) {
            throw new IllegalStateException("A file was changed", changedOnDisk);
        }
    }

    /** Adds a fault behind those that wait. */
    public void fault(Fault fault) {
        faults.add(fault);
    }

    /** The faults that wait, {@code times} and {@code skip} being what is left of them. */
    public List<Fault> faults() {
        return faults.waiting();
    }

    /** Takes all faults away; calls that one of them holds stay held. */
    public void clearFaults() {
        faults.clear();
    }

    /** Takes the faults of one counter away. */
    public void clearFaults(long counter) {
        faults.clear(counter);
    }

    /** How many calls a fault of kind {@code STALL} holds, those included whose caller has gone. */
    public int held() {
        return gate.size();
    }

    /** Lets all calls go on that are held; one whose caller has gone ends, and what it sent is not kept. */
    public void release() {
        gate.release();
    }

    /** The last {@value Calls#KEPT} calls of Metrika's API, oldest first. */
    public List<Call> calls() {
        return calls.last();
    }

    /** How many calls there were: operation, then status (0: not answered), then the number. */
    public Map<Operation, Map<Integer, Long>> callCounters() {
        return calls.counters();
    }

    /** How many calls of an operation there were, whatever the answer. */
    public long callCount(Operation operation) {
        return calls.counters().entrySet().stream()
                .filter(entry -> operation.covers(entry.getKey()))
                .flatMap(entry -> entry.getValue().values().stream())
                .mapToLong(Long::longValue)
                .sum();
    }

    /** The simulator's time: the system's, and what it was advanced by. */
    public Instant now() {
        return clock.now();
    }

    /** Hurries the simulator's clock: statuses, the delay of the list, age limits and quotas go by it. */
    public void advance(Duration duration) {
        clock.advance(duration);
    }

    /**
     * Puts an upload into a status at once. A status that is not among {@link SimulatorSettings#statuses()} stays until
     * the next call of this method; from the others the upload walks on.
     *
     * @throws IllegalArgumentException when there is no such upload
     */
    public void finish(long id, String status) {
        store.finish(id, status);
    }

    /** Forgets files, faults, calls and quotas, breaks off the calls that are held, takes back clock and settings. */
    public void reset() {
        faults.clear();
        gate.breakOff();
        calls.clear();
        quota.clear();
        goals.clear();
        clock.reset();
        settings.set(initial);
        try {
            store.clear();
        } catch (IOException stuck) {
            throw new UncheckedIOException("Cannot empty " + initial.directory(), stuck);
        }
    }

    /** How a token is shown in {@link ReceivedUpload#token()} and {@link Call#token()}. */
    public static String fingerprint(String token) {
        return Tokens.fingerprint(token);
    }

    private Router router() {
        Router router = Router.router(vertx);
        new MetrikaApi(vertx, store, goals, clock, settings::get, faults, gate, calls, quota).routes(router);
        new Control(vertx, this, store, goals).routes(router);
        router.errorHandler(404, context -> error(context, MetrikaError.notFound()));
        router.errorHandler(405, context -> error(context, new MetrikaError(405, "not_allowed", "Method not allowed")));
        router.errorHandler(400, context -> error(context, MetrikaError.invalidParameter("Bad request")));
        return router;
    }

    private static void error(RoutingContext context, MetrikaError error) {
        context.response()
                .setStatusCode(error.code())
                .putHeader("Content-Type", "application/json; charset=utf-8")
                .end(Json.write(error.toJson()));
    }

    private static void await(Future<?> future) {
        try {
            future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", interrupted);
        } catch (ExecutionException failed) {
            throw new IllegalStateException(failed.getCause().getMessage(), failed.getCause());
        } catch (TimeoutException late) {
            throw new IllegalStateException("No end after " + PATIENCE_SECONDS + " s", late);
        }
    }
}
