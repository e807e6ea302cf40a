package metrika.conversions.bench;

import java.util.UUID;

import metrika.conversions.support.TestDatabase;

/** Conversions that are put into the database past the product, since millions through it would take long. */
final class Stored {

    private final TestDatabase database;

    Stored(TestDatabase database) {
        this.database = database;
    }

    /** Conversions of a webhook that wait to be sent, once they are {@link #release released}. */
    void waiting(UUID webhook, int rows, int inBatch, boolean isReady) {
        database.update("""
                with b as (
                  insert into batch (id, webhook_id, total, earliest, ready_at)
                  select uuidv7(), ?, ?, now() - interval '1 day', case when ? then now() else 'infinity' end
                    from generate_series(1, ?)
                  returning id)
                insert into conversion (batch_id, position, client_id, purchase_id, target, date_time, price, currency)
                select id, n, '1234567890.1234567890', 'order' || n, 'purchase', 1751373296, 1500.50, 'RUB'
                  from b cross join generate_series(0, ? - 1) n""", webhook, inBatch, isReady, rows / inBatch, inBatch);
    }

    /** Lets what waits be sent. */
    void release() {
        database.update("update batch set ready_at = now() where ready_at = 'infinity'");
    }
}
