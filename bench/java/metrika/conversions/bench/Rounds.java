package metrika.conversions.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    private final List<ProcessorTime> ofProduct = new ArrayList<>();
    private final List<Double> ofDatabase = new ArrayList<>();
    private final List<Double> ofLimit = new ArrayList<>();

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
            int connections,
            double seconds,
            double warmUp,
            Callable<Double> measure)
            throws Exception {
        var body = Load.body(conversions);
        post(product, webhook, body, connections, warmUp, FIRST);
        try (var other = Peer.start(limits)) {
            if (other != null) {
                other.load(body, connections, Math.min(warmUp, MAX_PEER_WARM_UP), FIRST);
            }
            for (int i = 0; i < COUNT; i++) {
                var time = seconds / COUNT;
                var database = limits.processorTime();
                var process = ProcessorTime.of(product.process().toHandle());
                this.product.add(post(product, webhook, body, connections, 0, time));
                ofProduct.add(ProcessorTime.of(product.process().toHandle()).since(process));
                ofDatabase.add(limits.processorTime().since(database).seconds());
                database = limits.processorTime();
                limit.add(measure.call());
                ofLimit.add(limits.processorTime().since(database).seconds());
                if (other != null) {
                    peer.add(other.load(body, connections, 0, time));
                }
            }
        }
    }

    static Load post(Product product, TestWebhook webhook, String body, int connections, double warmUp, double seconds)
            throws Exception {
        return Load.post(product.port(), webhook.path(), webhook.secret(), body, connections, warmUp, seconds);
    }

    /** Milliseconds of processor time for a request: of the product, and of the database. */
    double[] perRequest(double seconds) {
        var requests = product.stream().mapToDouble(Load::requestsPerSecond).sum() * seconds / COUNT;
        return new double[] {
            1000 * ofProduct.stream().mapToDouble(ProcessorTime::seconds).sum() / requests,
            1000 * ofDatabase.stream().mapToDouble(Double::doubleValue).sum() / requests
        };
    }

    /** The same of the database for a statement of the limit. */
    double perStatement(double seconds) {
        var statements = limit.stream().mapToDouble(Double::doubleValue).sum() * seconds / COUNT;
        return 1000 * ofLimit.stream().mapToDouble(Double::doubleValue).sum() / statements;
    }

    /** Milliseconds of a request by the product's threads, those that take the most first. */
    List<Map.Entry<String, Double>> perRequestByThread(double seconds) {
        var requests = product.stream().mapToDouble(Load::requestsPerSecond).sum() * seconds / COUNT;
        var sums = new HashMap<String, Double>();
        ofProduct.forEach(time -> time.threads().forEach((name, each) -> sums.merge(name, each, Double::sum)));
        sums.replaceAll((name, each) -> 1000 * each / requests);
        return sums.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .toList();
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
