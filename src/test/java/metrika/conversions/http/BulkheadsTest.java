package metrika.conversions.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Which requests have threads of their own. */
class BulkheadsTest {

    private static final Vertx VERTX = Vertx.vertx();

    @AfterAll
    static void stop() {
        VERTX.close();
    }

    @Test
    void aSourceThatHangsHoldsUpNoOtherSender() {
        var bulkheads = new Bulkheads(VERTX, 1);
        var deals = bulkheads.of(HttpMethod.POST, "/inbound/deals/{webhook_id}");
        assertThat(bulkheads.of(HttpMethod.GET, "/inbound/deals/{webhook_id}")).isSameAs(deals);
        assertThat(bulkheads.of(HttpMethod.POST, "/inbound/shop/{webhook_id}")).isNotSameAs(deals);
        assertThat(bulkheads.of(HttpMethod.POST, "/webhook/offline-conversions/{webhook_id}"))
                .isNotSameAs(deals);
    }
}
