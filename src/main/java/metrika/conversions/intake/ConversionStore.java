package metrika.conversions.intake;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import org.apache.camel.Exchange;

import metrika.conversions.auth.RateLimits;
import metrika.conversions.problem.ProblemException;

/** Where conversions of all sources go. */
public interface ConversionStore {

    /** What the variable {@code bad-rows} says when good rows are not to be held up by bad ones. */
    String LEAVE_OUT = "leave-out";

    /** The same where the sender does not read answers: the bad rows are kept, and answered as taken. */
    String LOG = "log";

    /** The source of what is sent to a webhook by itself. */
    String API = "api";

    /** The operation of the API that takes it, and so its route. */
    String API_OPERATION = "send-conversions";

    /** What it says when one bad row keeps all of them from being stored; so it is when it says nothing. */
    String REFUSE = "refuse";

    /**
     * Checks conversions by the rules.
     *
     * @param source the webhook, as its variable has it
     * @param badRows {@value #LEAVE_OUT} or {@value #LOG}: rows that break a rule are left out; {@value #REFUSE}, empty
     *     or {@code null}: they keep all of it from being stored. Of a part they are always left out
     * @throws ProblemException when the webhook is none
     * @throws IllegalArgumentException when it says something else
     */
    CheckedConversions check(IncomingConversions incoming, Object source, String badRows) throws SQLException;

    /**
     * Stores checked conversions as one batch, durably, or answers with the batch that their idempotency key stands for
     * already.
     *
     * @param checked rows that were left out of it come back as refused, together with the batch
     * @param source where it came from, as {@link #sourceOf} has it: its tallies are kept by it
     * @param key the idempotency key, or {@code null}
     * @param requestsInWindow as {@link RateLimits#take} gave it, or {@code null} for a source without a limit
     * @param continuation where the caller goes on; {@code null}: on a thread that may be made to wait
     * @return complete, there, when they are committed; or with a {@link ProblemException}: 403 when the sender is not
     *     let in any more, 409 when the key stands for another body, 429 when the request is one too many; or with
     *     {@link SQLException} when the database is away; or with what {@link CheckedConversions#conversions} throws
     */
    CompletableFuture<StoredBatch> store(
            CheckedConversions checked, String source, String key, Integer requestsInWindow, Executor continuation)
            throws SQLException, InterruptedException;

    /**
     * The rows of a part that would be refused, since they break a rule, or are stored with other values already.
     * Nothing is stored.
     */
    List<RejectedRow> refusedOf(FileChunk part, Object source) throws SQLException;

    /**
     * Keeps rows that were refused for somebody to look at, durably. A row that came before is counted, not kept again.
     *
     * @param webhook as its variable has it
     * @param source its name, as {@link #sourceOf} has it
     * @param file the name of the file whose lines they are; {@code null} when they are not of one
     */
    void keepRefused(Object webhook, String source, String file, List<RejectedRow> rows) throws SQLException;

    /**
     * The name of the source of a message: what it says itself, or that of its route {@code in-<name>}; {@value #API}
     * for requests to the API; else the id of the route.
     */
    static String sourceOf(Exchange exchange) {
        var name = exchange.getVariable("source", String.class);
        if (name != null && !name.isBlank()) {
            return name;
        }
        var route = String.valueOf(exchange.getFromRouteId());
        return route.startsWith("in-") ? route.substring("in-".length()) : route.equals(API_OPERATION) ? API : route;
    }

    /** Whether something was stored under an idempotency key. */
    boolean isStored(String key, Object source) throws SQLException;
}
