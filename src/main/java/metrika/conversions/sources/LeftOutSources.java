package metrika.conversions.sources;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Pattern;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;

import metrika.conversions.http.HttpApiServer;
import metrika.conversions.problem.ProblemException;

/**
 * The sources that could not be started, and why. Whoever sends to one of them is told to come again: it is there, and
 * will take what it is sent once it is put right.
 */
public final class LeftOutSources implements Handler<RoutingContext> {

    private static final Duration PAUSE = Duration.ofMinutes(1);
    private static final Pattern PARAMETER = Pattern.compile("\\{[^/{}]+}");

    private record LeftOut(String reason, Pattern address) {}

    private final Map<String, LeftOut> sources = new ConcurrentSkipListMap<>();

    /**
     * Notes that a source does not run.
     *
     * @param source the id of its route
     * @param reason in plain words
     * @param address the path that it would be sent to, such as <code>/inbound/form/{webhook_id}</code>; {@code null}
     *     when there is none or it is not known
     */
    public void add(String source, String reason, String address) {
        sources.put(source, new LeftOut(reason, address == null ? null : pattern(address)));
    }

    private static Pattern pattern(String address) {
        var pattern = new StringBuilder();
        var parts = PARAMETER.split(address, -1);
        for (int i = 0; i < parts.length; i++) {
            pattern.append(i == 0 ? "" : "[^/]+").append(Pattern.quote(parts[i]));
        }
        return Pattern.compile(pattern.toString());
    }

    /** Notes why a source that does not run still does not. */
    public void renew(String source, String reason) {
        sources.computeIfPresent(source, (id, before) -> new LeftOut(reason, before.address()));
    }

    /** Notes that a source runs. */
    public void remove(String source) {
        sources.remove(source);
    }

    public boolean has(String source) {
        return sources.containsKey(source);
    }

    /** Why sources do not run, by the ids of their routes. */
    public Map<String, String> reasons() {
        var reasons = new TreeMap<String, String>();
        sources.forEach((source, leftOut) -> reasons.put(source, leftOut.reason()));
        return reasons;
    }

    /** Answers in place of a source. Why it does not run is for those who can read the log. */
    @Override
    public void handle(RoutingContext context) {
        var path = sources.isEmpty() ? "" : HttpApiServer.path(context);
        for (var source : sources.entrySet()) {
            var address = source.getValue().address();
            if (address != null && address.matcher(path).matches()) {
                context.fail(ProblemException.of(
                                503,
                                "The source %s could not be started; the log and the health of this server say why. "
                                                .formatted(source.getKey().replaceFirst("^in-", ""))
                                        + "Nothing was stored: send the same request again later.")
                        .retryAfter(PAUSE));
                return;
            }
        }
        context.next();
    }
}
