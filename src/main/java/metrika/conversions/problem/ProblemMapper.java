package metrika.conversions.problem;

import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangeException;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.database.RepeatingJdbc;
import metrika.conversions.steps.FailedCheck;
import metrika.conversions.steps.FailedStep;
import metrika.conversions.steps.NonBlocking;

/**
 * What a failure means to a caller of the HTTP API: the one place that turns an exception into a problem document.
 * Nothing of the inside gets out: a fault of ours is told by an id, under which the log has the rest.
 */
public final class ProblemMapper implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(ProblemMapper.class);
    private static final String QUERY_CANCELED = "57014";
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    /** The exchange's property with where it failed. */
    private static final String FAILED_STEP = "metrika.failed-step";

    private static final Duration DATABASE_PAUSE = Duration.ofSeconds(5);
    private static final Duration LOCK_PAUSE = Duration.ofSeconds(1);

    /** Notes the step that has failed. To be called when that happens: later, the last step is that of the answer. */
    @Override
    @NonBlocking
    public void process(Exchange exchange) {
        exchange.setProperty(FAILED_STEP, FailedStep.of(exchange));
    }

    /** Answers with the problem that the exchange's exception stands for. Called by {@code on-error-api}. */
    @NonBlocking
    public void answer(Exchange exchange) {
        describe(exchange, exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class));
    }

    /** Makes the answer to a caller the problem that a failure stands for. */
    public static void describe(Exchange exchange, Throwable failure) {
        var asked = AskedServer.problem(exchange, failure);
        var noted = exchange.getProperty(FAILED_STEP, String.class);
        var problem = asked != null ? asked : of(failure, noted != null ? noted : FailedStep.of(exchange, failure));
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, problem.status());
        message.setHeader(Exchange.CONTENT_TYPE, ProblemException.MEDIA_TYPE);
        problem.headers().forEach(message::setHeader);
        message.setBody(Json.write(problem.document()));
    }

    /** For routes without a caller: the problem document, as JSON, of what failed. */
    public String document(@ExchangeException Throwable failure) {
        return Json.write(of(failure).document());
    }

    /** For routes: ends in 404 with the sentence given. */
    public void notFound(String detail) {
        throw ProblemException.of(404, detail);
    }

    /** For routes: ends in 409 with the sentence given. */
    public void conflict(String detail) {
        throw ProblemException.of(409, detail);
    }

    /** For routes: ends in 410 with the sentence given. */
    public void gone(String detail) {
        throw ProblemException.of(410, detail);
    }

    /** The problem that an exception stands for, in any of its causes. */
    public static ProblemException of(Throwable failure) {
        return of(failure, "");
    }

    /** @param place of the step that has failed, for the log; empty where it is not known */
    private static ProblemException of(Throwable failure, String place) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof HasProblem known) {
                return known.problem();
            }
            if (cause instanceof FailedCheck check) {
                LOG.info("{}", check.getMessage());
                return ProblemException.of(400, check.answer());
            }
            if (cause instanceof SQLException sql && QUERY_CANCELED.equals(sql.getSQLState())) {
                LOG.warn("A statement took too long and was stopped: {}", sql.getMessage());
                return ProblemException.of(
                                503,
                                "This took the database too long and was stopped; nothing was changed. Try again when"
                                        + " it has less to do.")
                        .retryAfter(DATABASE_PAUSE);
            }
            if (cause instanceof SQLException sql && LOCK_NOT_AVAILABLE.equals(sql.getSQLState())) {
                LOG.warn("A statement waited for a lock in vain: {}", sql.getMessage());
                return ProblemException.of(
                                503,
                                "Another session of the database holds what this needs (a lock). Nothing was changed: "
                                        + "send the same request again.")
                        .retryAfter(LOCK_PAUSE);
            }
            if (cause instanceof SQLException sql && RepeatingJdbc.isRolledBack(sql)) {
                LOG.warn(
                        "A statement was rolled back for others at the same rows again and again, SQLSTATE {}",
                        sql.getSQLState());
                return ProblemException.of(
                                503,
                                "Others are changing the same at this moment. Nothing was changed: send the same"
                                        + " request again.")
                        .retryAfter(LOCK_PAUSE);
            }
            if (cause instanceof SQLException sql && isAway(sql)) {
                LOG.warn("The database is away, SQLSTATE {}", sql.getSQLState());
                return ProblemException.of(
                                503,
                                "The database cannot be reached at the moment. Nothing was changed, or it is not known"
                                        + " whether it was: send the same request again, with the same"
                                        + " Idempotency-Key if"
                                        + " it had one.")
                        .retryAfter(DATABASE_PAUSE);
            }
        }
        var id = UUID.randomUUID().toString();
        LOG.error("Request failed{}, error id {}", place.isEmpty() ? "" : " at " + place, id, failure);
        return ProblemException.of(
                500, "Something went wrong on our side. The log has it under the error id " + id + ".");
    }

    /**
     * Whether a database error says that the server is away, starting, stopping, read-only or out of connections,
     * rather than that the statement is wrong. Classes 08, 53, 57 and 58 of PostgreSQL's SQLSTATEs, and the pool's own
     * time-out.
     */
    private static boolean isAway(SQLException failure) {
        var state = failure.getSQLState();
        return failure instanceof java.sql.SQLTransientException
                || failure.getCause() instanceof SocketTimeoutException
                || state != null
                        && (state.startsWith("08")
                                || state.startsWith("53")
                                || state.startsWith("57")
                                || state.startsWith("58")
                                || state.equals("25006"));
    }
}
