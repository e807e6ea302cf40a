package metrika.conversions.intake;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import metrika.conversions.auth.RateLimits;
import metrika.conversions.problem.ProblemException;

/** Where conversions of all sources go. */
public interface ConversionStore {

    /** What the variable {@code bad-rows} says when good rows are not to be held up by bad ones. */
    String LEAVE_OUT = "leave-out";

    /**
     * Checks conversions by the rules.
     *
     * @param source the webhook, as its variable has it
     * @param badRows {@value #LEAVE_OUT}: rows that break a rule are left out; else they keep all of it from being
     *     stored. Of a part they are always left out
     * @throws ProblemException when the webhook is none
     */
    CheckedConversions check(IncomingConversions incoming, Object source, String badRows) throws SQLException;

    /**
     * Stores checked conversions as one batch, durably, or answers with the batch that their idempotency key stands for
     * already.
     *
     * @param checked rows that were left out of it come back as refused, together with the batch
     * @param key the idempotency key, or {@code null}
     * @param requestsInWindow as {@link RateLimits#take} gave it, or {@code null} for a source without a limit
     * @return complete, on a thread that may be made to wait, when they are committed; or with a
     *     {@link ProblemException}: 403 when the sender is not let in any more, 409 when the key stands for another
     *     body, 429 when the request is one too many; or with {@link SQLException} when the database is away; or with
     *     what {@link CheckedConversions#conversions} throws
     */
    CompletableFuture<StoredBatch> store(CheckedConversions checked, String key, Integer requestsInWindow)
            throws SQLException, InterruptedException;

    /** The rows of a part that break a rule. Nothing is stored. */
    List<RejectedRow> refusedOf(FileChunk part, Object source) throws SQLException;

    /** Whether something was stored under an idempotency key. */
    boolean isStored(String key, Object source) throws SQLException;
}
