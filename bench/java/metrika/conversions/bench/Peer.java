package metrika.conversions.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import metrika.conversions.support.Product;

/** The same intake, hand-written with Fastify and pg: {@code bench/fastify}. */
final class Peer implements AutoCloseable {

    private static final Path FOLDER = Path.of("bench", "fastify");

    private final Process process;
    private final int port;
    private final Limits limits;

    private Peer(Process process, int port, Limits limits) {
        this.process = process;
        this.port = port;
        this.limits = limits;
    }

    /** Starts it, or says how it is installed and answers {@code null}. */
    static Peer start(Limits limits) throws IOException {
        if (!Files.isDirectory(FOLDER.resolve("node_modules"))) {
            System.out.println("Without Fastify: it is installed by npm ci --prefix bench/fastify");
            return null;
        }
        var port = Product.freePort();
        var builder = new ProcessBuilder("node", FOLDER.resolve("server.mjs").toString())
                .redirectErrorStream(true)
                .redirectOutput(Path.of("target", "fastify.log").toFile());
        builder.environment().put("PORT", String.valueOf(port));
        builder.environment().put("DATABASE_URL", limits.nodeUrl());
        builder.environment().put("NODE_ENV", "production");
        var process = builder.start();
        Benchmark.until(() -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("Fastify did not start: see target/fastify.log");
            }
            try (var socket = new java.net.Socket("127.0.0.1", port)) {
                return true;
            } catch (IOException e) {
                return false; // it does not listen yet
            }
        });
        return new Peer(process, port, limits);
    }

    Load load(String body, int connections, double warmUp, double seconds) throws IOException {
        return Load.post(
                port,
                "/webhook/offline-conversions/" + limits.webhook(),
                "secret-of-the-peer",
                body,
                connections,
                warmUp,
                seconds);
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
