package metrika.conversions.auth;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

import metrika.conversions.auth.Authenticator.PreAuthentication;
import metrika.conversions.http.HttpApiServer;
import metrika.conversions.problem.ProblemException;

/**
 * Rejects unauthenticated requests before the body is read and a worker thread is taken: a flood of wrong secrets does
 * not delay requests with the right one. Callers that memory cannot judge go on to {@link Authenticator}; so do signed
 * requests, whose signature needs the body. Their bodies have a share of the memory of their own.
 *
 * <p>Rejections are sent at a fixed rate, in turn: a flood waits, without a thread, and the machine is there for the
 * others. When more wait than can be sent in time, the next ones get no response.
 */
public final class UnauthenticatedRequestThrottle implements Handler<RoutingContext> {

    /** Where sources are, by their names. */
    private static final Pattern SOURCE = Pattern.compile("/inbound/([^/]+)/([^/]+)");

    /** Between two rejections: five hundred a second cost a twentieth of a core. */
    private static final Duration PACE = Duration.ofMillis(2);
    /** The longest wait of a rejection. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
    /** How HTTP/2 calls that a caller asks too much. */
    private static final long ENHANCE_YOUR_CALM = 0xb;

    private final ApiSecurity security;
    private final Authenticator access;
    private final Predicate<String> isSource;
    /** Threads to ask the database on. One does; the others are for those who go on while it waits for an answer. */
    private final WorkerExecutor askers;

    private final Pace rejections = new Pace(PACE, LONGEST_WAIT);

    /**
     * @param security who may call which operation
     * @param isSource whether a source of that name is switched on
     */
    public UnauthenticatedRequestThrottle(
            ApiSecurity security, Authenticator access, Predicate<String> isSource, Vertx vertx) {
        this.security = security;
        this.access = access;
        askers = vertx.createSharedWorkerExecutor("strangers", 4);
        this.isSource = isSource;
    }

    @Override
    public void handle(RoutingContext context) {
        PreAuthentication decision;
        try {
            decision = preAuthenticate(HttpApiServer.path(context), context.request());
        } catch (ProblemException e) {
            context.fail(e);
            return;
        } catch (IllegalArgumentException e) {
            context.fail(400, e); // the path or the query is not percent-encoded as it should be
            return;
        }
        if (decision.refusal() == null) {
            proceed(context, decision);
            return;
        }
        var pause = rejections.pause(System.nanoTime());
        if (rejections.isTooLong(pause)) {
            context.response()
                    .setStatusCode(decision.refusal().status())
                    .reset(ENHANCE_YOUR_CALM); // the status is for the log
            return;
        }
        if (decision.canChange() && !access.knewAllAt(HttpApiServer.arrival(context))) {
            context.request().pause();
            after(Math.max(pause, access.untilAsked()), context, due -> ask(context));
        } else {
            after(pause, context, due -> reject(context, decision.refusal()));
        }
    }

    private static void proceed(RoutingContext context, PreAuthentication decision) {
        if (decision.webhook() != null && decision.webhook().isActive()) {
            HttpApiServer.markAuthenticated(context, decision.webhook());
        } else if (decision.isAllowed()) {
            HttpApiServer.markAuthenticated(context);
        }
        context.next();
    }

    /** A caller that another process has just made valid is not rejected by what memory held before. */
    private void ask(RoutingContext context) {
        var arrival = HttpApiServer.arrival(context);
        if (access.knewAllAt(arrival)) { // another one has asked
            decide(context);
            return;
        }
        askers.executeBlocking(
                        () -> {
                            access.learn(arrival);
                            return null;
                        },
                        false)
                .onComplete(asked -> decide(context));
    }

    /** Where the database did not say, the caller goes on and is told so. */
    private void decide(RoutingContext context) {
        var decision = preAuthenticate(HttpApiServer.path(context), context.request());
        if (decision.refusal() != null && access.knewAllAt(HttpApiServer.arrival(context))) {
            context.request().resume();
            after(0, context, due -> reject(context, decision.refusal()));
        } else {
            proceed(context, decision);
        }
    }

    /** Never at once: a short body has arrived by then, and the connection need not end for it. */
    private static void after(long nanos, RoutingContext context, Handler<Long> then) {
        context.vertx().setTimer(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)), then);
    }

    private PreAuthentication preAuthenticate(String path, HttpServerRequest request) {
        var operation = security.find(request.method().name(), path);
        if (operation.isPresent()) {
            return access.preAuthenticate(
                    operation.get().caller(), operation.get().webhookIn(path), request);
        }
        var source = SOURCE.matcher(path);
        return source.matches()
                        && (request.method().equals(HttpMethod.POST)
                                || request.method().equals(HttpMethod.GET))
                        && isSource.test(source.group(1))
                ? access.preAuthenticateSource(source.group(2), request)
                : PreAuthentication.UNDECIDED;
    }

    private static void reject(RoutingContext context, ProblemException problem) {
        var response = context.response();
        if (!response.closed() && !response.ended()) {
            context.fail(problem);
        }
    }
}
