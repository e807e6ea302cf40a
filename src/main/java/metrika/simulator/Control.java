package metrika.simulator;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The simulator's own surface, {@code /simulator/}: what it was sent, and its switches. For this machine only. */
final class Control {
    private static final Logger LOG = LoggerFactory.getLogger(Control.class);
    private static final String ROOT = "/simulator";
    private static final long BODY_LIMIT = 1 << 20;
    private static final String INDEX = """
        A simulator of Yandex Metrika's offline conversions API.

        GET    /simulator/uploads             what was taken, oldest first
        GET    /simulator/uploads/{id}/file   a file as it came
        PATCH  /simulator/uploads/{id}        {"status":"PROCESSED"} puts it into a status at once
        GET    /simulator/conversions         all rows that were taken
        GET    /simulator/account             files, rows, distinct and repeated rows by counter
        GET    /simulator/calls               the last calls, and numbers by operation and status
        GET    /simulator/faults              faults that wait, and the number of calls held
        POST   /simulator/faults              {"on":"upload","kind":"error","code":429,"times":2} or a list of such
        DELETE /simulator/faults              takes all faults away
        POST   /simulator/release             lets the calls that a fault holds go on
        GET    /simulator/settings            the switches
        PATCH  /simulator/settings            {"linkage":"none","step":"PT0S"}
        PUT    /simulator/goals               {"counter":1,"goals":["a"]} gives a counter goals of its own
        POST   /simulator/clock               {"advance":"PT2H"}
        POST   /simulator/reset               forgets everything, settings included
        """;

    private final Vertx vertx;
    private final Simulator simulator;
    private final UploadStore store;
    private final Goals goals;

    Control(Vertx vertx, Simulator simulator, UploadStore store, Goals goals) {
        this.vertx = vertx;
        this.simulator = simulator;
        this.store = store;
        this.goals = goals;
    }

    void routes(Router router) {
        router.route(ROOT + "*").handler(Control::onlyFromHere);
        router.route(ROOT + "*").handler(BodyHandler.create(false).setBodyLimit(BODY_LIMIT));
        router.get(ROOT).handler(this::index);
        router.get(ROOT + "/").handler(this::index);
        router.get(ROOT + "/uploads").handler(context -> answer(context, this::uploads));
        router.get(ROOT + "/uploads/:id/file").handler(this::file);
        router.patch(ROOT + "/uploads/:id").handler(context -> answer(context, () -> finish(context)));
        router.get(ROOT + "/conversions").handler(this::conversions);
        router.get(ROOT + "/account").handler(context -> answer(context, this::account));
        router.get(ROOT + "/calls").handler(context -> answer(context, this::calls));
        router.get(ROOT + "/faults").handler(context -> answer(context, this::faults));
        router.post(ROOT + "/faults").handler(context -> answer(context, () -> addFaults(context)));
        router.delete(ROOT + "/faults")
                .handler(context -> answer(context, () -> {
                    simulator.clearFaults();
                    return faults();
                }));
        router.post(ROOT + "/release")
                .handler(context -> answer(context, () -> {
                    simulator.release();
                    return faults();
                }));
        router.get(ROOT + "/settings").handler(context -> answer(context, this::settings));
        router.patch(ROOT + "/settings").handler(context -> answer(context, () -> change(context)));
        router.put(ROOT + "/goals").handler(context -> answer(context, () -> goals.set(body(context))));
        router.post(ROOT + "/clock").handler(context -> answer(context, () -> advance(context)));
        router.post(ROOT + "/reset")
                .handler(context -> answer(context, () -> {
                    simulator.reset();
                    return Json.object().put("reset", true);
                }));
    }

    private static void onlyFromHere(RoutingContext context) {
        SocketAddress remote = context.request().remoteAddress();
        if (remote != null && isLoopback(remote.hostAddress())) {
            context.next();
        } else {
            context.response()
                    .setStatusCode(403)
                    .putHeader("Content-Type", "text/plain")
                    .end("The simulator is controlled from its own machine only\n");
        }
    }

    /** The address is a literal, so no name is looked up. */
    private static boolean isLoopback(String address) {
        try {
            return InetAddress.getByName(address).isLoopbackAddress();
        } catch (IOException unknown) {
            LOG.debug("{} is not an address: {}", address, unknown.toString());
            return false;
        }
    }

    private void index(RoutingContext context) {
        context.response()
                .putHeader("Content-Type", "text/plain; charset=utf-8")
                .end(INDEX);
    }

    private JsonNode uploads() {
        ArrayNode list = Json.array();
        simulator.uploads().forEach(upload -> list.add(upload.toJson()));
        return list;
    }

    private void file(RoutingContext context) {
        long id = id(context);
        vertx.executeBlocking(
                        () -> {
                            store.find(id).orElseThrow(() -> new IllegalArgumentException("No upload " + id));
                            return store.file(id).toString();
                        },
                        false)
                .compose(file -> context.response()
                        .putHeader("Content-Type", "text/csv; charset=utf-8")
                        .sendFile(file))
                .onFailure(failure -> complain(context, failure));
    }

    private JsonNode finish(RoutingContext context) {
        JsonNode status = body(context).get("status");
        if (status == null || status.asText().isBlank()) {
            throw new IllegalArgumentException("{\"status\":\"PROCESSED\"} is expected");
        }
        simulator.finish(id(context), status.asText());
        return store.find(id(context)).orElseThrow().toJson();
    }

    /** Goes through a file on disk: there may be more rows than memory. */
    private void conversions(RoutingContext context) {
        Path draft = store.incoming();
        vertx.executeBlocking(
                        () -> {
                            try (OutputStream out = Files.newOutputStream(draft);
                                    JsonGenerator json = Json.MAPPER.createGenerator(out)) {
                                json.writeStartArray();
                                Conversions.each(store, row -> json.writeObject(row));
                                json.writeEndArray();
                            }
                            return draft.toString();
                        },
                        false)
                .compose(file -> context.response()
                        .putHeader("Content-Type", "application/json; charset=utf-8")
                        .sendFile(file))
                .onFailure(failure -> complain(context, failure))
                .eventually(() -> vertx.executeBlocking(() -> Files.deleteIfExists(draft), false))
                .onFailure(failure -> LOG.debug("Conversions were not sent", failure));
    }

    private JsonNode account() {
        ArrayNode list = Json.array();
        simulator.account().forEach(counter -> list.add(counter.toJson()));
        return list;
    }

    private JsonNode calls() {
        ObjectNode json = Json.object();
        ObjectNode counters = json.putObject("counters");
        simulator.callCounters().forEach((operation, byStatus) -> {
            ObjectNode numbers = counters.putObject(Words.of(operation));
            byStatus.forEach((status, number) -> numbers.put(Integer.toString(status), number));
        });
        ArrayNode list = json.putArray("calls");
        simulator.calls().forEach(call -> list.add(call.toJson()));
        return json;
    }

    private JsonNode faults() {
        ObjectNode json = Json.object();
        ArrayNode list = json.putArray("faults");
        simulator.faults().forEach(fault -> list.add(fault.toJson()));
        return json.put("held", simulator.held());
    }

    private JsonNode addFaults(RoutingContext context) throws IOException {
        JsonNode given = Json.MAPPER.readTree(text(context));
        List<Fault> read = given.isArray()
                ? StreamSupport.stream(given.spliterator(), false)
                        .map(Fault::fromJson)
                        .toList()
                : List.of(Fault.fromJson(given));
        read.forEach(simulator::fault);
        return faults();
    }

    private JsonNode settings() {
        return Json.MAPPER.valueToTree(simulator.settings().describe());
    }

    private JsonNode change(RoutingContext context) {
        ObjectNode changes = body(context);
        for (Iterator<String> names = changes.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!SimulatorSettings.NAMES.contains(SimulatorSettings.PREFIX + name)) {
                throw Words.unknown(
                        "The name of a setting",
                        name,
                        SimulatorSettings.NAMES.stream()
                                .map(known -> known.substring(SimulatorSettings.PREFIX.length()))
                                .sorted()
                                .collect(Collectors.joining(", ")));
            }
        }
        simulator.settings(simulator
                .settings()
                .merge(name -> asText(changes.get(name.substring(SimulatorSettings.PREFIX.length())))));
        return settings();
    }

    private static String asText(JsonNode value) {
        if (value == null || !value.isArray()) {
            return value == null ? null : value.asText();
        }
        return StreamSupport.stream(value.spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(","));
    }

    private JsonNode advance(RoutingContext context) {
        String value = body(context).path("advance").asText();
        try {
            simulator.advance(Duration.parse(value));
        } catch (DateTimeParseException bad) {
            IllegalArgumentException complaint = Words.unknown("advance", value, "an ISO-8601 duration such as PT2H");
            complaint.initCause(bad);
            throw complaint;
        }
        return Json.object().put("now", simulator.now().toString());
    }

    private void answer(RoutingContext context, Callable<JsonNode> work) {
        vertx.executeBlocking(() -> Json.MAPPER.writeValueAsString(work.call()), false)
                .compose(json -> context.response()
                        .putHeader("Content-Type", "application/json; charset=utf-8")
                        .end(json))
                .onFailure(failure -> complain(context, failure));
    }

    private static void complain(RoutingContext context, Throwable failure) {
        if (context.response().headWritten() || context.response().closed()) {
            LOG.debug("Nobody to tell of {}", failure.toString());
            return;
        }
        boolean theirs = failure instanceof IllegalArgumentException || failure instanceof IOException;
        if (!theirs) {
            LOG.error("The simulator failed in {}", context.request().path(), failure);
        }
        Future<Void> told = context.response()
                .setStatusCode(theirs ? 400 : 500)
                .putHeader("Content-Type", "application/json; charset=utf-8")
                .end(Json.write(Json.MAPPER.valueToTree(Map.of("error", String.valueOf(failure.getMessage())))));
        told.onFailure(gone -> LOG.debug("Nobody to tell of {}", failure.toString()));
    }

    private static long id(RoutingContext context) {
        return Long.parseLong(context.pathParam("id"));
    }

    private static ObjectNode body(RoutingContext context) {
        return Json.readObject(text(context));
    }

    private static String text(RoutingContext context) {
        String text = context.body().asString();
        return text == null ? "" : text;
    }
}
