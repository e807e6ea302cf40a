package metrika.conversions.support;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;

import metrika.simulator.CounterAccount;
import metrika.simulator.Operation;
import metrika.simulator.ReceivedUpload;
import metrika.simulator.Simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The one account that matters: what the product answered 200 for is at Metrika, all of it, and once. */
public final class Accounts {

    private static final Pattern CALL =
            Pattern.compile("(?m)^metrika_calls_seconds_count\\{operation=\"([^\"]*)\",status=\"([^\"]*)\"} (\\S+)$");
    /** What the product calls the calls that the simulator has other names for. */
    private static final Map<String, String> KINDS = Map.of(
            "post-upload", Operation.UPLOAD.name(),
            "find-upload", Operation.LIST.name(),
            "list-uploads", Operation.LIST.name(),
            "read-upload", Operation.BY_ID.name(),
            "read-counter", Operation.COUNTER.name(),
            "read-goals", Operation.GOALS.name(),
            "create-goal", Operation.CREATE_GOAL.name());

    private Accounts() {}

    /**
     * Waits until everything is completed, then holds the ledger against Metrika's own account.
     *
     * @param accepted how many conversions were answered 200, repetitions not counted
     */
    public static void assertExactlyOnce(Product product, Simulator metrika, long accepted) {
        await().atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> {
                    var total = product.get("/ledger").json().path("total");
                    assertThat(total.path("completed").longValue())
                            .as("%s", total)
                            .isEqualTo(accepted);
                });
        assertBalanced(product);
        assertThat(metrika.account().stream().mapToLong(CounterAccount::rows).sum())
                .as("rows at Metrika")
                .isEqualTo(accepted);
        assertThat(metrika.account().stream()
                        .mapToLong(CounterAccount::distinct)
                        .sum())
                .as("once each")
                .isEqualTo(accepted);
        assertCounted(product, metrika, accepted);
    }

    /** The metrics, which lag by some seconds, tell the same. */
    private static void assertCounted(Product product, Simulator metrika, long accepted) {
        await().pollInterval(Duration.ofMillis(500)).untilAsserted(() -> {
            assertThat(product.metric("conversions_accepted_total")).isEqualTo(accepted);
            assertThat(product.metric("conversions_completed")).isEqualTo(accepted);
            assertThat(product.metric("conversions_waiting")
                            + product.metric("conversions_in_flight")
                            + product.metric("conversions_error"))
                    .isZero();
            assertThat(product.metric("conversions_sent_total"))
                    .isEqualTo(metrika.uploads().stream()
                            .mapToLong(ReceivedUpload::rows)
                            .sum());
            assertThat(product.metric("conversions_linked_total") + product.metric("conversions_unlinked_total"))
                    .isEqualTo(product.metric("conversions_sent_total"));
        });
    }

    /** What Metrika has said of all files that it took. Holds when each has come to its end. */
    public static void assertLinked(Product product, Simulator metrika) {
        assertThat(product.metric("conversions_linked_total"))
                .as("linked")
                .isEqualTo(sum(metrika, ReceivedUpload::linked));
        assertThat(product.metric("conversions_unlinked_total"))
                .as("unlinked")
                .isEqualTo(sum(metrika, ReceivedUpload::rows) - sum(metrika, ReceivedUpload::linked));
        assertThat(product.metric("conversions_not_taken_total"))
                .as("not taken")
                .isEqualTo(sum(metrika, ReceivedUpload::rows) - sum(metrika, ReceivedUpload::lines));
        assertThat(product.metric("conversions_goal_not_found_total"))
                .as("goal not found")
                .isEqualTo(sum(metrika, ReceivedUpload::goalNotFound));
    }

    private static long sum(Simulator metrika, ToLongFunction<ReceivedUpload> number) {
        return metrika.uploads().stream().mapToLong(number).sum();
    }

    /**
     * Each call that Metrika has seen is counted, by its kind and its answer. Of a product that has not been started
     * again, since the metrics of calls are those of a process.
     */
    public static void assertCallsCounted(Product product, Simulator metrika) {
        var counted = new TreeMap<String, Long>();
        CALL.matcher(product.observe("metrics"))
                .results()
                .forEach(call -> counted.merge(
                        KINDS.getOrDefault(call.group(1), call.group(1))
                                + " "
                                + call.group(2).replace("none", "0"),
                        (long) Double.parseDouble(call.group(3)),
                        Long::sum));
        var seen = new TreeMap<String, Long>();
        metrika.callCounters()
                .forEach((operation, answers) ->
                        answers.forEach((status, number) -> seen.put(operation + " " + status, number)));
        assertThat(counted).as("calls by kind and answer").isEqualTo(seen);
    }

    /**
     * received = accepted + duplicate; accepted = waiting + in_flight + completed + error + withdrawn + expired +
     * erased.
     */
    public static void assertBalanced(Product product) {
        var ledger = product.get("/ledger").json();
        ledger.get("webhooks").forEach(row -> {
            assertThat(row.get("received").longValue())
                    .as("%s", row)
                    .isEqualTo(row.get("accepted").longValue()
                            + row.get("duplicate").longValue());
            var sum = 0L;
            for (var column :
                    new String[] {"waiting", "in_flight", "completed", "error", "withdrawn", "expired", "erased"}) {
                sum += row.get(column).longValue();
            }
            assertThat(row.get("accepted").longValue()).as("%s", row).isEqualTo(sum);
        });
    }
}
