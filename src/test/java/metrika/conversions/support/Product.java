package metrika.conversions.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.awaitility.Awaitility;

import static org.awaitility.Awaitility.await;

/** The real product as a child process, as its users run it: started in the project's root, set by its environment. */
public final class Product implements AutoCloseable {

    static {
        // A test shares a small machine with all the processes that it starts
        Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
        // What a thread of another test's server dies of is no failure of whoever waits at that moment
        Awaitility.doNotCatchUncaughtExceptionsByDefault();
        // In seconds: less than limits.idle-time, so that no request takes a connection that is just being closed
        System.setProperty("jdk.httpclient.keepalive.timeout", "20");
    }

    /** A schedule that does not come round while a test runs. */
    public static final String NEVER = "0 0 0 1 1 ? 2099";

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Process process;
    private final Path log;
    private final int port;
    private final int managementPort;
    private final int dashboardPort;

    private Product(Process process, Path log, int port, int managementPort, int dashboardPort) {
        this.process = process;
        this.log = log;
        this.port = port;
        this.managementPort = managementPort;
        this.dashboardPort = dashboardPort;
    }

    /** What a product is started with. */
    public static final class Builder {

        private final Map<String, String> settings = new TreeMap<>();
        private final Map<String, String> environment = new TreeMap<>();
        /** What costs least for a process that does not live for long. */
        private final List<String> javaOptions = new ArrayList<>(
                List.of("-Djava.io.tmpdir=" + directory("tmp"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));

        private final List<String> arguments = new ArrayList<>();
        private Path folder = Path.of("");
        private List<String> program = program();

        /** A setting, by its name in application.properties. */
        public Builder with(String setting, Object value) {
            settings.put(setting, String.valueOf(value));
            return this;
        }

        /** An environment variable that is no setting. */
        public Builder environment(String variable, String value) {
            environment.put(variable, value);
            return this;
        }

        /** An option of the JVM, such as -Xmx128m. */
        public Builder java(String option) {
            javaOptions.add(option);
            return this;
        }

        /** The folder that it is started in, instead of the project's root. */
        public Builder in(Path folder) {
            this.folder = folder;
            return this;
        }

        /** What is shipped, instead of the classes that are tested. */
        public Builder jar(Path jar) {
            program = List.of("-jar", jar.toString());
            return this;
        }

        /** An argument of the command line. */
        public Builder argument(String argument) {
            arguments.add(argument);
            return this;
        }

        /** Starts the process and returns at once. */
        public Product launch() {
            var port = Integer.parseInt(settings.computeIfAbsent("http.port", name -> String.valueOf(freePort())));
            settings.putIfAbsent("simulator.port", "0");
            var dashboardPort =
                    Integer.parseInt(settings.computeIfAbsent("dashboard.port", name -> String.valueOf(freePort())));
            var managementPort =
                    Integer.parseInt(settings.computeIfAbsent("management.port", name -> String.valueOf(freePort())));
            settings.computeIfAbsent(
                    "simulator.directory",
                    name -> directory("simulators")
                            .resolve("of-product-" + port)
                            .toString());
            var command = new ArrayList<String>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(javaOptions);
            command.addAll(program);
            command.addAll(arguments);
            var log = directory("products")
                    .resolve(ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet() + ".log");
            var builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .directory(folder.toAbsolutePath().toFile());
            builder.environment().putAll(environment);
            settings.forEach((name, value) -> builder.environment()
                    .put(name.toUpperCase().replace('.', '_').replace('-', '_'), value));
            try {
                var process = builder.start();
                Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
                return new Product(process, log, port, managementPort, dashboardPort);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /**
         * Runs a command, or a start that is refused, to its end, and gives what it has said: no stack trace, whatever
         * it is.
         */
        public String end(int exit) {
            var product = launch();
            try {
                if (!product.process.waitFor(120, TimeUnit.SECONDS)) {
                    product.kill();
                    throw new AssertionError("it has not ended:\n" + product.log());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
            if (product.process.exitValue() != exit || product.log().contains("\tat ")) {
                throw new AssertionError(
                        "it has ended with %d:%n%s".formatted(product.process.exitValue(), product.log()));
            }
            return product.log();
        }

        /** A start that is refused: what it has said. */
        public String refused() {
            var log = end(1);
            if (!log.contains("Not started")) {
                throw new AssertionError("it does not say so:\n" + log);
            }
            return log;
        }

        /** Starts the process and returns when it listens. */
        public Product start() {
            var product = launch();
            await().atMost(Duration.ofSeconds(120))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        if (!product.process.isAlive()) {
                            throw new IllegalStateException("the product did not start:\n" + product.log());
                        }
                        return product.log().contains("Ready: ");
                    });
            return product;
        }
    }

    /**
     * What Java is told to run: the jar with the archive of its classes where the build has made it, else the classes
     * themselves.
     */
    public static List<String> program() {
        var jar = System.getProperty("product.jar");
        return jar == null
                ? List.of("-cp", System.getProperty("java.class.path"), "metrika.conversions.Application")
                : List.of("-XX:SharedArchiveFile=" + ClassArchive.of(Path.of(jar)), "-jar", jar);
    }

    /** A product of the profile dev that polls and sends every second, on a database and a Metrika of its own. */
    public static Builder on(TestDatabase database, String metrika) {
        return new Builder()
                .with("database.url", database.url())
                .with("metrika.url", metrika)
                .with("upload.schedule", "* * * * * ?")
                .with("poll.schedule", "* * * * * ?")
                .with("upload.settle", "PT1S")
                .with("upload.lease", "PT5S")
                .with("limits.requests-per-minute", 100000)
                .with("counter-check.wait", "0s") // calls are counted, and faults strike the next one
                .with("counter-check.schedule", NEVER)
                .with("routes.reload", false);
    }

    /** One that neither sends nor polls. */
    public static Builder idle(TestDatabase database, String metrika) {
        return on(database, metrika).with("upload.schedule", NEVER).with("poll.schedule", NEVER);
    }

    /** All that it has logged. */
    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    public Process process() {
        return process;
    }

    /** How often a route has run, by the metrics of the process. */
    public long runs(String route) {
        var name = "camel_exchanges_total{";
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + "/observe/metrics")))
                .body()
                .lines()
                .filter(line -> line.startsWith(name) && line.contains("routeId=\"" + route + "\""))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the metrics tell nothing of the route " + route));
    }

    /** The sum of a metric over all its series, as the process shows it. */
    public double metric(String name) {
        return observe("metrics")
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** What its health says. */
    public String health() {
        return observe("health");
    }

    /** What its observability says at a path, such as health/ready. */
    public String observe(String path) {
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + "/observe/" + path)))
                .body();
    }

    /** A request to a path of the API. */
    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(30));
    }

    /** A request to a path of the dashboard. */
    public HttpRequest.Builder dashboard(String path) {
        return HttpRequest.newBuilder(URI.create(dashboardUrl() + path)).timeout(Duration.ofSeconds(30));
    }

    /** Where the dashboard is. */
    public String dashboardUrl() {
        return "http://127.0.0.1:" + dashboardPort;
    }

    /** Sends a request and reads its answer. */
    public Answer send(HttpRequest.Builder request) {
        try {
            return new Answer(CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public Answer get(String path) {
        return send(request(path));
    }

    public Answer post(String path, String json) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    public Answer patch(String path, String json) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .method("PATCH", HttpRequest.BodyPublishers.ofString(json)));
    }

    public Answer delete(String path) {
        return send(request(path).DELETE());
    }

    /** A new webhook. */
    public TestWebhook webhook(long counter) {
        return webhook("{\"name\": \"test\", \"counter_id\": %d, \"token\": \"token-%d\"}".formatted(counter, counter));
    }

    /** A new webhook, of the body given. */
    public TestWebhook webhook(String body) {
        var answer = post(TestWebhook.PATH, body);
        if (answer.status() != 201) {
            throw new IllegalStateException(answer.toString());
        }
        return new TestWebhook(this, answer.text("webhook_id"), answer.text("secret"));
    }

    /** Ends it as an operating system does on shutdown, and waits until it is gone. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                // Has the JVM write to the log what its threads are at
                new ProcessBuilder("kill", "-QUIT", String.valueOf(process.pid()))
                        .start()
                        .waitFor();
                process.destroyForcibly();
                throw new IllegalStateException("the product did not stop on SIGTERM:\n" + log());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it without a warning, as a power cut does. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Copies what an installation consists of besides the jar, to be edited by a test. */
    public static void copyProject(Path folder) throws IOException {
        for (var name : List.of("application.properties", "application-dev.properties")) {
            Files.copy(Path.of(name), folder.resolve(name));
        }
        try (var files = Files.walk(Path.of("routes"))) {
            for (var file : files.toList()) {
                Files.copy(file, folder.resolve(file.toString()));
            }
        }
    }

    public static int freePort() {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path directory(String name) {
        try {
            return Files.createDirectories(Path.of("target", name).toAbsolutePath());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
