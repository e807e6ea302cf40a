package metrika.conversions.api;

import java.sql.SQLException;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

import metrika.conversions.auth.Authenticator;
import metrika.conversions.auth.RateLimits;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.steps.NonBlocking;

/**
 * The first step of {@code send-conversions}, all that comes before the conversions are read: one step, since every
 * request takes it, and each step of a route costs as much as what it does here.
 */
public final class SendAdmission implements Processor {

    private final Step authenticator;
    private final Step limits;
    private final RequestParameters parameters = new RequestParameters();
    private final RequestBodyDecoder bodies;

    /** What is asked of a request, before its body is looked at. */
    public interface Step {
        void ask(Exchange exchange) throws SQLException;
    }

    /**
     * @param authenticator as {@link Authenticator#authorizeSending}
     * @param limits as {@link RateLimits#countRequest}
     */
    public SendAdmission(Step authenticator, Step limits, RequestBodyDecoder bodies) {
        this.authenticator = authenticator;
        this.limits = limits;
        this.bodies = bodies;
    }

    /**
     * Authenticates the sender of an active webhook, counts its request against the webhook's limit, reads what it says
     * beside its conversions, and unpacks the body.
     *
     * @throws ProblemException as {@link Authenticator#authorizeSending}, {@link RateLimits#countRequest},
     *     {@link RequestParameters#readSendOptions} and {@link RequestBodyDecoder#decode} do, whichever comes first
     */
    @Override
    @NonBlocking
    public void process(Exchange exchange) throws SQLException {
        authenticator.ask(exchange);
        limits.ask(exchange);
        parameters.readSendOptions(exchange);
        exchange.getMessage().setBody(bodies.decode(exchange));
    }
}
