package metrika.conversions.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;

import metrika.conversions.support.Product;
import metrika.conversions.support.TestWebhook;

/**
 * The same load on the product and on Fastify, and what the database itself can do, in turn and several times: the
 * speed of a machine that others share changes within a minute. Of each the round in the middle counts.
 */
final class Rounds {

    static final int COUNT = 4;
    /** Node compiles within seconds. */
    private static final double MAX_PEER_WARM_UP = 5;
    /** Until all connections are busy. */
    private static final double FIRST = 0.3;

    private final List<Load> product = new ArrayList<>();
    private final List<Double> limit = new ArrayList<>();
    private final List<Load> peer = new ArrayList<>();

    /**
     * @param seconds how long the load on each goes on, all in all
     * @param warmUp seconds of load on the product before
     * @param measure the database's limit, in a time of its own
     */
    Rounds(
            Product product,
            TestWebhook webhook,
            Limits limits,
            int conversions,
            double seconds,
            double warmUp,
            Callable<Double> measure)
            throws Exception {
        var body = Load.body(conversions);
        post(product, webhook, body, warmUp, FIRST);
        try (var other = Peer.start(limits)) {
            if (other != null) {
                other.load(body, Benchmark.CONNECTIONS, Math.min(warmUp, MAX_PEER_WARM_UP), FIRST);
            }
            for (int i = 0; i < COUNT; i++) {
                this.product.add(post(product, webhook, body, FIRST, seconds / COUNT));
                limit.add(measure.call());
                if (other != null) {
                    peer.add(other.load(body, Benchmark.CONNECTIONS, FIRST, seconds / COUNT));
                }
            }
        }
    }

    private static Load post(Product product, TestWebhook webhook, String body, double warmUp, double seconds)
            throws Exception {
        return Load.post(
                product.port(), webhook.path(), webhook.secret(), body, Benchmark.CONNECTIONS, warmUp, seconds);
    }

    Load product() {
        return middle(product, Comparator.comparingDouble(Load::requestsPerSecond));
    }

    double limit() {
        return middle(limit, Comparator.naturalOrder());
    }

    boolean hasPeer() {
        return !peer.isEmpty();
    }

    Load peer() {
        return middle(peer, Comparator.comparingDouble(Load::requestsPerSecond));
    }

    private static <T> T middle(List<T> values, Comparator<T> order) {
        return values.stream().sorted(order).toList().get(values.size() / 2);
    }
}
