package metrika.conversions.auth;

import java.time.Duration;

import metrika.conversions.problem.HasProblem;
import metrika.conversions.problem.ProblemException;

/** A source does not say how signatures are checked. Its sender is told no more than that, the message says why. */
public final class SignatureSetupException extends IllegalStateException implements HasProblem {

    private static final long serialVersionUID = 1L;
    private static final Duration PAUSE = Duration.ofMinutes(1);

    /** @param fault which variable of the route is wrong */
    SignatureSetupException(String fault) {
        super("bodySignature.verify lets nobody in: " + fault);
    }

    @Override
    public ProblemException problem() {
        return ProblemException.of(503, "This source is not set up to check signatures")
                .retryAfter(PAUSE);
    }
}
