package metrika.conversions.delivery;

import org.apache.camel.Variable;

/** Whether a job that sends batches again goes on. */
public final class RetryJobs {

    private volatile boolean stopping;

    /**
     * Whether the next slice is taken on.
     *
     * @param outcome what the last one has ended with: {@code more} when there may be another
     */
    public boolean shouldContinue(@Variable("outcome") String outcome) {
        return "more".equals(outcome) && !stopping;
    }

    /** From now on no slice is begun; the one that is under way goes on. */
    public void stop() {
        stopping = true;
    }
}
