package metrika.conversions.pull;

import java.time.Duration;

import metrika.conversions.problem.AskedServer;
import metrika.conversions.problem.HasProblem;
import metrika.conversions.problem.ProblemException;

/** A server that a message is asked about does not answer as it should: who sent the message is to send it again. */
public final class LookupException extends RuntimeException implements HasProblem {

    private static final long serialVersionUID = 1L;

    private final transient Duration pause;

    /**
     * @param why for the log and for who tries the source, without secrets; the sender is not told
     * @param pause after which to send it again
     */
    LookupException(String why, Duration pause) {
        super(why);
        this.pause = pause;
    }

    @Override
    public ProblemException problem() {
        return AskedServer.away(pause);
    }
}
