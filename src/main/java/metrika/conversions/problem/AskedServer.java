package metrika.conversions.problem;

import java.io.IOException;
import java.time.Duration;

import org.apache.camel.Exchange;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server that a route asks over HTTP while a sender waits, such as the CRM about what it has told of. That it is away
 * is no fault of ours or of the sender's: who tries again later may find it back.
 */
public final class AskedServer {

    private static final Logger LOG = LoggerFactory.getLogger(AskedServer.class);
    private static final Duration PAUSE = Duration.ofSeconds(30);

    private AskedServer() {}

    /** The problem where such a server has failed the exchange; {@code null} when something else has. */
    static ProblemException problem(Exchange exchange, Throwable failure) {
        var asked = exchange.getProperty(Exchange.TO_ENDPOINT, String.class);
        if (asked == null || !asked.matches("https?:.*")) {
            return null;
        }
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof HasProblem) {
                return null; // the route says itself what it means
            } else if (cause instanceof HttpOperationFailedException refused) {
                return told(exchange, asked, "status " + refused.getStatusCode());
            } else if (cause instanceof IOException) {
                return told(exchange, asked, cause.toString());
            }
        }
        return null;
    }

    /** What any server has refused, in words that quote nothing but its name and the status. */
    public static String refusal(HttpOperationFailedException refused) {
        return "%s answered with status %s".formatted(host(refused.getUri()), refused.getStatusCode());
    }

    /**
     * What a sender is told of such a server.
     *
     * @param pause after which to send the same again
     */
    public static ProblemException away(Duration pause) {
        return ProblemException.of(
                        503,
                        "A server that has to be asked about this does not answer as it should: send the same"
                                + " request again.")
                .retryAfter(pause);
    }

    private static ProblemException told(Exchange exchange, String asked, String why) {
        var source = exchange.getVariable("source", String.class);
        LOG.warn(
                "{}: {} did not answer as it should: {}. The sender is answered 503",
                source == null ? exchange.getFromRouteId() : "in-" + source,
                host(asked),
                why);
        return away(PAUSE);
    }

    /** Host and port alone: all else of an address may hold a key. */
    private static String host(String address) {
        return address.replaceFirst("^(https?)://?(?:[^/?@]*@)?([^/?]*).*", "$1://$2");
    }
}
