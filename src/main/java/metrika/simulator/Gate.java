package metrika.simulator;

import java.util.ArrayList;
import java.util.List;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;

/** Where stalled calls stand until somebody lets them go on. */
final class Gate {
    private final List<Held> held = new ArrayList<>();

    private record Held(Promise<Boolean> promise, Context context) {
        void end(boolean goOn) {
            // Back to the event loop of the call: whoever opens the gate may be any thread.
            context.runOnContext(ignored -> promise.complete(goOn));
        }
    }

    /** True once the gate is opened, false when the call is to be broken off. */
    synchronized Future<Boolean> hold() {
        Promise<Boolean> promise = Promise.promise();
        held.add(new Held(promise, Vertx.currentContext()));
        return promise.future();
    }

    synchronized int size() {
        return held.size();
    }

    void release() {
        takeAll().forEach(call -> call.end(true));
    }

    void breakOff() {
        takeAll().forEach(call -> call.end(false));
    }

    private synchronized List<Held> takeAll() {
        List<Held> all = List.copyOf(held);
        held.clear();
        return all;
    }
}
