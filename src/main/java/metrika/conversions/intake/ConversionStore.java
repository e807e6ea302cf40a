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
     * Checks conversions against the rules.
     *
     * @param body JSON as bytes, a text or a stream; or rows with the API's field names: a list or a stream of maps, or
     *     a {@link FileChunk}
     * @param source the webhook, as its variable has it
     * @throws InvalidConversions with all that is wrong with them
     * @throws ProblemException when they are not conversions at all, or the webhook is none
     */
    Conversions check(Object body, Object source) throws SQLException;

    /**
     * Stores conversions as one batch, durably, or answers with the batch that their idempotency key stands for
     * already.
     *
     * @param body as for {@link #check}
     * @param key the idempotency key, or {@code null}
     * @param place as {@link RateLimits#take} gave it, or {@code null} for a source without a limit
     * @param badRows {@value #LEAVE_OUT}: rows that break a rule are left out, and come back as refused, together with
     *     the batch; else nothing is stored. Of a chunk they are always left out
     * @return complete, on a thread that may be made to wait, when they are committed; or with a
     *     {@link ProblemException}: 403 when the sender is not authenticated any more, 409 when the key stands for another
     *     body, 429 when the request is one too many; or with {@link SQLException} when the database is away
     * @throws InvalidConversions with all that is wrong with them
     * @throws ProblemException when they are not conversions at all, or the webhook is none
     */
    CompletableFuture<StoredBatch> store(Object body, Object source, String key, Integer place, String badRows)
            throws SQLException, InterruptedException;

    /** The rows of a part that break a rule. Nothing is stored. */
    List<RejectedRow> refusedOf(FileChunk part, Object source) throws SQLException;

    /** Whether something was stored under an idempotency key. */
    boolean isStored(String key, Object source) throws SQLException;
}
