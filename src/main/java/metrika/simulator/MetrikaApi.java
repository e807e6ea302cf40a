package metrika.simulator;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The calls that Metrika documents, each held against its rules before it is answered. */
final class MetrikaApi {
    private static final Logger LOG = LoggerFactory.getLogger(MetrikaApi.class);
    private static final String COUNTER = "/management/v1/counter/:counter";
    private static final String CONVERSIONS = COUNTER + "/offline_conversions";
    private static final Pattern COMMENT = Pattern.compile("[0-9\\p{IsLatin}\\p{IsCyrillic}&&[0-9\\p{L}]]{0,255}");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
    private static final Set<String> TYPES = Set.of("BASIC", "CALLS", "CHATS");
    private static final Set<String> CLIENT_ID_TYPES = Set.of("CLIENT_ID", "USER_ID", "YCLID");
    private static final int MAX_LIMIT = 10_000;

    private final Vertx vertx;
    private final UploadStore store;
    private final Goals goals;
    private final StatusClock clock;
    private final Supplier<SimulatorSettings> settings;
    private final Faults faults;
    private final Gate gate;
    private final Calls calls;
    private final Quota quota;

    MetrikaApi(
            Vertx vertx,
            UploadStore store,
            Goals goals,
            StatusClock clock,
            Supplier<SimulatorSettings> settings,
            Faults faults,
            Gate gate,
            Calls calls,
            Quota quota) {
        this.vertx = vertx;
        this.store = store;
        this.goals = goals;
        this.clock = clock;
        this.settings = settings;
        this.faults = faults;
        this.gate = gate;
        this.calls = calls;
        this.quota = quota;
    }

    void routes(Router router) {
        router.post(CONVERSIONS + "/upload").handler(context -> serve(context, Operation.UPLOAD, this::upload));
        router.get(CONVERSIONS + "/uploadings").handler(context -> serve(context, Operation.LIST, this::list));
        router.get(CONVERSIONS + "/uploading/:id").handler(context -> serve(context, Operation.BY_ID, this::byId));
        router.get(COUNTER).handler(context -> serve(context, Operation.COUNTER, this::counter));
        router.get(COUNTER + "/goals").handler(context -> serve(context, Operation.GOALS, this::goals));
        router.post(COUNTER + "/goals").handler(context -> serve(context, Operation.CREATE_GOAL, this::createGoal));
    }

    private void serve(RoutingContext context, Operation operation, Function<Exchange, Future<ObjectNode>> work) {
        // Nothing of the body is read before the call's fault had its chance.
        context.request().pause();
        Exchange exchange = open(context, operation);
        exchange.reach(Point.BEFORE_BODY)
                .compose(goOn -> enter(exchange, context))
                .compose(allowed -> work.apply(exchange))
                .compose(answer -> exchange.reach(Point.BEFORE_ANSWER).map(answer))
                .onSuccess(exchange::answer)
                .onFailure(exchange::fail);
    }

    private Exchange open(RoutingContext context, Operation operation) {
        String token = Tokens.fromHeader(context.request().getHeader("Authorization"));
        Calls.Entry call = calls.open(new Call(
                operation,
                context.request().method().name(),
                context.request().path(),
                context.request().query(),
                0,
                clock.now(),
                Tokens.fingerprint(token)));
        String path = context.pathParam("counter");
        long counter = NUMBER.matcher(path).matches() ? Long.parseLong(path) : -1;
        return new Exchange(context, operation, counter, call, faults.take(operation, counter, token), gate);
    }

    /** Token, counter and quota, in this order. */
    private Future<Void> enter(Exchange exchange, RoutingContext context) {
        SimulatorSettings now = settings.get();
        String token = exchange.token();
        if (token == null) {
            return refuse(MetrikaError.unauthorized());
        }
        if (!now.tokens().isEmpty() && !now.tokens().contains(token)) {
            return refuse(MetrikaError.invalidToken());
        }
        if (exchange.counter() < 0) {
            return refuse(MetrikaError.invalidParameter("The counter is not a number"));
        }
        if (!now.counters().isEmpty() && !now.counters().contains(exchange.counter())) {
            return refuse(MetrikaError.notFound());
        }
        if (now.quota()) {
            String login = Tokens.fingerprint(token);
            MetrikaError exceeded = quota.enter(
                    exchange.request().remoteAddress().hostAddress(), login, exchange.counter(), clock.now());
            if (exceeded != null) {
                return refuse(exceeded);
            }
            context.addEndHandler(ended -> quota.leave(login));
        }
        return Future.succeededFuture();
    }

    private Future<ObjectNode> upload(Exchange exchange) {
        String comment = exchange.query("comment");
        String type = Optional.ofNullable(exchange.query("type")).orElse("BASIC");
        String clientIdType = exchange.query("client_id_type");
        if (comment != null && !COMMENT.matcher(comment).matches()) {
            return refuse(
                    MetrikaError.invalidParameter("comment: up to 255 digits, Latin or Cyrillic letters are allowed"));
        }
        if (!TYPES.contains(type)) {
            return refuse(MetrikaError.invalidParameter("type: one of BASIC, CALLS, CHATS"));
        }
        if (clientIdType != null && !CLIENT_ID_TYPES.contains(clientIdType)) {
            return refuse(MetrikaError.invalidParameter("client_id_type: one of CLIENT_ID, USER_ID, YCLID"));
        }
        UploadStore.Sent sent = new UploadStore.Sent(
                exchange.counter(), comment, Tokens.fingerprint(exchange.token()), type, clientIdType);
        Path incoming = store.incoming();
        return UploadReceiver.receive(exchange, incoming, settings.get().maxBytes())
                .compose(read -> exchange.reach(Point.BEFORE_STORE))
                .compose(goOn -> blocking(() -> store.keep(incoming, sent)))
                .map(upload -> new Answers(settings.get()).taken(upload))
                .eventually(() -> blocking(() -> Files.deleteIfExists(incoming)));
    }

    private Future<ObjectNode> list(Exchange exchange) {
        String limit = Optional.ofNullable(exchange.query("limit")).orElse("1000");
        String offset = Optional.ofNullable(exchange.query("offset")).orElse("0");
        if (!NUMBER.matcher(limit).matches() || Long.parseLong(limit) < 1 || Long.parseLong(limit) > MAX_LIMIT) {
            return refuse(MetrikaError.invalidParameter("limit: 1 to " + MAX_LIMIT));
        }
        if (!NUMBER.matcher(offset).matches()) {
            return refuse(MetrikaError.invalidParameter("offset: 0 or more"));
        }
        return read(exchange, () -> {
            SimulatorSettings now = settings.get();
            Comparator<ReceivedUpload> byAge = Comparator.comparingLong(ReceivedUpload::id);
            List<ReceivedUpload> all = store.all().stream()
                    .filter(upload -> upload.counter() == exchange.counter())
                    .filter(upload -> !clock.now().isBefore(upload.receivedAt().plus(now.listDelay())))
                    .sorted(now.listOrder() == ListOrder.NEWEST ? byAge.reversed() : byAge)
                    .collect(Collectors.toList());
            long skipped = now.listOffset() == ListOffset.IGNORED ? 0 : Long.parseLong(offset);
            if (now.listOffset() == ListOffset.REFUSED_PAST_END && skipped > 0 && skipped >= all.size()) {
                throw new RefusedException(MetrikaError.invalidParameter("offset is past the end of the list"));
            }
            return new Answers(now)
                    .list(all.stream()
                            .skip(skipped)
                            .limit(Long.parseLong(limit))
                            .collect(Collectors.toList()));
        });
    }

    private Future<ObjectNode> byId(Exchange exchange) {
        String id = exchange.path("id");
        if (!NUMBER.matcher(id).matches()) {
            return refuse(MetrikaError.invalidParameter("The upload's id is not a number"));
        }
        return read(exchange, () -> {
            ReceivedUpload upload = store.find(Long.parseLong(id))
                    .filter(found -> found.counter() == exchange.counter())
                    .orElseThrow(() -> new RefusedException(MetrikaError.notFound()));
            return new Answers(settings.get()).one(upload);
        });
    }

    private Future<ObjectNode> goals(Exchange exchange) {
        long counter = exchange.counter();
        return read(
                exchange,
                () -> new Answers(settings.get()).goals(counter, goals.list(counter, store.targets(counter))));
    }

    private Future<ObjectNode> counter(Exchange exchange) {
        return read(exchange, () -> new Answers(settings.get()).counter(exchange.counter()));
    }

    private Future<ObjectNode> createGoal(Exchange exchange) {
        Future<Buffer> body = exchange.request().body();
        exchange.request().resume();
        return body.compose(read -> exchange.reach(Point.BEFORE_STORE).map(read))
                .compose(read -> {
                    try {
                        return Future.succeededFuture(
                                goals.create(exchange.counter(), Json.readObject(read.toString())));
                    } catch (RefusedException refused) {
                        return Future.failedFuture(refused);
                    } catch (IllegalArgumentException broken) {
                        return refuse(MetrikaError.invalidParameter("The body is not JSON"));
                    }
                });
    }

    /** A call without a body: it keeps nothing, so its two middle points come one after the other. */
    private Future<ObjectNode> read(Exchange exchange, Callable<ObjectNode> work) {
        exchange.request().resume();
        return exchange.reach(Point.BEFORE_STORE).compose(goOn -> blocking(work));
    }

    /** Files are read and written on worker threads; the calls need not wait for one another there. */
    private <T> Future<T> blocking(Callable<T> work) {
        return vertx.executeBlocking(work, false);
    }

    private static <T> Future<T> refuse(MetrikaError error) {
        LOG.debug("Refused: {}", error);
        return Future.failedFuture(new RefusedException(error));
    }
}
