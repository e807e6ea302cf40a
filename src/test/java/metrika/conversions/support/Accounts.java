package metrika.conversions.support;

import java.time.Duration;

import metrika.simulator.CounterAccount;
import metrika.simulator.ReceivedUpload;
import metrika.simulator.Simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The one account that matters: what the product answered 200 for is at Metrika, all of it, and once. */
public final class Accounts {

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
                    var total = product.get("/ledger").json().get("total");
                    assertThat(total.get("completed").longValue())
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
