package metrika.conversions.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Load on an HTTP server, made by wrk where it is installed, else by a {@link LoadClient} in a process of its own. */
record Load(double requestsPerSecond, long medianMicros, long p99Micros) {

    /**
     * Posts a body over and over.
     *
     * @param path of the request
     * @param secret for X-Webhook-Secret
     * @throws IllegalStateException when an answer is not 200
     */
    static Load post(int port, String path, String secret, String body, int connections, double warmUp, double seconds)
            throws IOException {
        if (Wrk.isThere()) {
            return ofWrk("POST", path, secret, body, port, connections, warmUp, seconds);
        }
        return of(
                "POST " + path,
                secret,
                "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s".formatted(body.length(), body),
                port,
                connections,
                warmUp,
                seconds);
    }

    /** Asks the same over and over. */
    static Load get(int port, String path, String secret, int connections, double warmUp, double seconds)
            throws IOException {
        if (Wrk.isThere()) {
            return ofWrk("GET", path, secret, null, port, connections, warmUp, seconds);
        }
        return of("GET " + path, secret, "\r\n", port, connections, warmUp, seconds);
    }

    private static Load ofWrk(
            String method,
            String path,
            String secret,
            String body,
            int port,
            int connections,
            double warmUp,
            double seconds)
            throws IOException {
        if (warmUp >= 1) {
            Wrk.load(method, path, secret, body, port, connections, warmUp);
        }
        return Wrk.load(method, path, secret, body, port, connections, seconds);
    }

    private static Load of(
            String line, String secret, String rest, int port, int connections, double warmUp, double seconds)
            throws IOException {
        var request = Files.createTempFile("request", null);
        Files.writeString(
                request,
                "%s HTTP/1.1\r\nHost: localhost\r\nX-Webhook-Secret: %s\r\n%s".formatted(line, secret, rest),
                StandardCharsets.US_ASCII);
        var process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LoadClient.class.getName(),
                        String.valueOf(port),
                        String.valueOf(connections),
                        String.valueOf(warmUp),
                        String.valueOf(seconds),
                        request.toString()))
                .redirectErrorStream(true)
                .start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        Files.delete(request);
        var fields = said.split(" ", 5);
        if (fields.length < 4 || !fields[3].equals("0")) {
            throw new IllegalStateException("the load failed: " + said);
        }
        return new Load(Double.parseDouble(fields[0]), Long.parseLong(fields[1]), Long.parseLong(fields[2]));
    }

    /** A request's body with so many conversions. */
    static String body(int conversions) {
        // Older than 21 days they would be warned of, one by one
        var yesterday = Instant.now().minus(Duration.ofDays(1)).truncatedTo(ChronoUnit.SECONDS);
        var body = new StringBuilder("{\"conversions\": [");
        for (int i = 0; i < conversions; i++) {
            body.append(i == 0 ? "" : ", ")
                    .append("{\"client_id\": \"1234567890.1234567890\", \"target\": \"purchase\", \"date_time\": "
                            + "\"")
                    .append(yesterday)
                    .append("\", \"price\": 1500.50, \"currency\": \"RUB\", \"purchase_id\": \"order")
                    .append(i)
                    .append("\"}");
        }
        return body.append("]}").toString();
    }
}
