package metrika.simulator;

import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call of Metrika's API: who calls what, which fault strikes it, and how it ends. */
final class Exchange {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private final RoutingContext context;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Operation operation;
    private final long counter;
    private final Calls.Entry call;
    private final Fault fault;
    private final Gate gate;
    private boolean released;

    Exchange(RoutingContext context, Operation operation, long counter, Calls.Entry call, Fault fault, Gate gate) {
        this.context = context;
        this.request = context.request();
        this.response = context.response();
        this.operation = operation;
        this.counter = counter;
        this.call = call;
        this.fault = fault;
        this.gate = gate;
    }

    HttpServerRequest request() {
        return request;
    }

    Vertx vertx() {
        return context.vertx();
    }

    long counter() {
        return counter;
    }

    String token() {
        return Tokens.fromHeader(request.getHeader("Authorization"));
    }

    String query(String name) {
        return context.queryParams().get(name);
    }

    String path(String name) {
        return context.pathParam(name);
    }

    /** Whether a fault waits for the body of this call. */
    boolean isStruckInBody() {
        return fault != null && fault.effect().at() == Point.IN_BODY && !released;
    }

    /** Lets the fault of this call do its work if this is its point; the future fails when the call ends with it. */
    Future<Void> reach(Point point) {
        if (fault == null || fault.effect().at() != point) {
            return Future.succeededFuture();
        }
        return switch (fault.effect().kind()) {
            case ODD -> Future.succeededFuture();
            case ERROR -> Future.failedFuture(new StruckException(fault));
            case CLOSE -> {
                breakOff();
                yield Future.failedFuture(new BrokenOffException());
            }
            case DELAY -> after(fault.effect().delay().toMillis()).compose(passed -> stillThere(true));
            case STALL ->
                gate.hold().compose(goOn -> {
                    released = true; // once let go, the rest of a body is not held again piece by piece
                    return stillThere(goOn);
                });
        };
    }

    /** The right answer, unless a fault makes it odd. */
    void answer(ObjectNode body) {
        if (fault != null && fault.effect().kind() == FaultKind.ODD) {
            makeOdd(body, fault.effect().set());
        }
        sendJson(200, body);
    }

    /** Any other end of the call. */
    void fail(Throwable failure) {
        if (failure instanceof BrokenOffException || response.closed()) {
            return;
        }
        if (failure instanceof StruckException struck && struck.fault().effect().at() == Point.BEFORE_BODY) {
            answerFault(struck.fault());
            request.resume();
            return;
        }
        // A caller that is still writing may not look for an answer before it has written all.
        drained()
                .onSuccess(read -> {
                    if (failure instanceof StruckException struck) {
                        answerFault(struck.fault());
                    } else if (failure instanceof RefusedException refused) {
                        sendJson(refused.error().code(), refused.error().toJson());
                    } else {
                        LOG.error("The simulator failed in {} {}", request.method(), request.path(), failure);
                        sendJson(
                                500,
                                MetrikaError.backend("The simulator failed: " + failure)
                                        .toJson());
                    }
                })
                .onFailure(gone -> LOG.debug("The caller went away: {}", gone.toString()));
    }

    private Future<Void> drained() {
        if (request.isEnded()) {
            return Future.succeededFuture();
        }
        request.resume();
        // A body that cannot be read to its end is still answered while the caller is there.
        return request.end()
                .recover(broken -> response.closed() ? Future.failedFuture(broken) : Future.succeededFuture());
    }

    private Future<Void> after(long millis) {
        if (millis == 0) {
            return Future.succeededFuture();
        }
        Promise<Void> promise = Promise.promise();
        vertx().setTimer(millis, timer -> promise.complete());
        return promise.future();
    }

    /** A caller that gave up while it had to wait is not served any more, so what it sent is not kept either. */
    private Future<Void> stillThere(boolean goOn) {
        if (goOn && !response.closed()) {
            return Future.succeededFuture();
        }
        breakOff();
        return Future.failedFuture(new BrokenOffException());
    }

    private void breakOff() {
        if (!response.closed()) {
            request.connection().close();
        }
    }

    private void answerFault(Fault struck) {
        if (struck.effect().retryAfter() != null) {
            response.putHeader("Retry-After", FaultAnswer.retryAfter(struck));
        }
        send(struck.effect().code(), FaultAnswer.contentType(struck), FaultAnswer.body(struck));
    }

    private void sendJson(int status, ObjectNode body) {
        send(status, "application/json; charset=utf-8", Buffer.buffer(Json.write(body)));
    }

    private void send(int status, String contentType, Buffer body) {
        if (response.closed() || response.ended()) {
            return;
        }
        response.setStatusCode(status);
        if (contentType != null) {
            response.putHeader("Content-Type", contentType);
        }
        if (fault == null || fault.effect().at() != Point.IN_ANSWER) {
            call.answered(status);
            end(response.end(body));
            return;
        }
        int half = body.length() / 2;
        response.putHeader("Content-Length", Integer.toString(body.length()));
        response.write(body.slice(0, half))
                .compose(written -> reach(Point.IN_ANSWER))
                .onSuccess(goOn -> {
                    call.answered(status);
                    end(response.end(body.slice(half, body.length())));
                })
                .onFailure(gone -> LOG.debug("{} was answered by half: {}", operation, gone.toString()));
    }

    private void end(Future<Void> sent) {
        sent.onFailure(gone -> LOG.debug("{} found nobody to answer: {}", operation, gone.toString()));
    }

    private static void makeOdd(ObjectNode body, ObjectNode set) {
        for (JsonNode part : body) {
            if (part instanceof ObjectNode one) {
                change(one, set);
            } else {
                part.forEach(each -> change((ObjectNode) each, set));
            }
        }
    }

    private static void change(ObjectNode object, ObjectNode set) {
        for (Map.Entry<String, JsonNode> field : set.properties()) {
            if (field.getValue().isNull()) {
                object.remove(field.getKey());
            } else {
                object.set(field.getKey(), field.getValue());
            }
        }
    }
}
