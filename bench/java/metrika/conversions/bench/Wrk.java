package metrika.conversions.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.regex.Pattern;

/** The load client wrk, which takes the least of the machine that it shares with what it measures. */
final class Wrk {

    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
    private static final Pattern MEDIAN = Pattern.compile("50%\\s+([0-9.]+)(us|ms|s)");
    private static final Pattern P99 = Pattern.compile("99%\\s+([0-9.]+)(us|ms|s)");
    private static final String FAILED = "first failure: ";

    private Wrk() {}

    static boolean isThere() {
        return Limits.hasProgram("wrk");
    }

    /** @throws IllegalStateException when an answer is not 200 */
    static Load load(String method, String path, String secret, String body, int port, int connections, double seconds)
            throws IOException {
        var script = Files.createTempFile("load", ".lua");
        Files.writeString(script, script(method, secret, body));
        try {
            var process = new ProcessBuilder(
                            "wrk",
                            "-t1",
                            "-c" + connections,
                            "-d%ds".formatted(Math.max(1, Math.round(seconds))),
                            "--latency",
                            "-s",
                            script.toString(),
                            "http://127.0.0.1:%d%s".formatted(port, path))
                    .redirectErrorStream(true)
                    .start();
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (said.contains(FAILED)
                    || said.contains("Socket errors")
                    || !RATE.matcher(said).find()) {
                throw new IllegalStateException("the load failed: " + said);
            }
            return new Load(number(RATE, said), (long) micros(MEDIAN, said), (long) micros(P99, said));
        } finally {
            Files.delete(script);
        }
    }

    private static String script(String method, String secret, String body) {
        return """
            wrk.method = "%s"
            wrk.headers["X-Webhook-Secret"] = "%s"
            %s
            local told = false
            response = function(status, headers, body)
              if status ~= 200 and not told then
                told = true
                print("%s" .. status .. " " .. body)
              end
            end
            """.formatted(
                method,
                secret,
                body == null
                        ? ""
                        : "wrk.headers[\"Content-Type\"] = \"application/json\"\nwrk.body = [==[" + body + "]==]",
                FAILED);
    }

    private static double micros(Pattern pattern, String said) {
        var found = pattern.matcher(said);
        if (!found.find()) {
            throw new IllegalStateException("wrk tells no latency: " + said);
        }
        return Double.parseDouble(found.group(1))
                * switch (found.group(2)) {
                    case "us" -> 1;
                    case "ms" -> 1_000;
                    default -> 1_000_000;
                };
    }

    private static double number(Pattern pattern, String said) {
        var found = pattern.matcher(said);
        return found.find() ? Double.parseDouble(found.group(1)) : 0;
    }
}
