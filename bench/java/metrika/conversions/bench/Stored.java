package metrika.conversions.bench;

import java.util.UUID;

import metrika.conversions.support.TestDatabase;

/** Conversions that are put into the database past the product, since millions through it would take long. */
final class Stored {

    private static final long STEP = 500_000;

    private final TestDatabase database;

    Stored(TestDatabase database) {
        this.database = database;
    }

    /** Conversions of a webhook that wait to be sent, once they are {@link #release released}. */
    void waiting(UUID webhook, int rows, int inBatch, boolean isReady) {
        database.update("""
                  with b as (
                    insert into batch (id, webhook_id, total, oldest_event_at, ready_at)
                    select uuidv7(), ?, ?, now() - interval '1 day', case when ? then now() else 'infinity' end
                      from generate_series(1, ?)
                    returning id)
                  insert into conversion (
                    batch_id, position, client_id, purchase_id, target, date_time, price, currency)
                  select id, n, '1234567890.1234567890', 'order' || n, 'purchase', 1751373296, 1500.50, 'RUB'
                    from b cross join generate_series(0, ? - 1) n\
                  """, webhook, inBatch, isReady, rows / inBatch, inBatch);
    }

    /** Lets what waits be sent. */
    void release() {
        database.update("update batch set ready_at = now() where ready_at = 'infinity'");
    }

    /** How many conversions are stored. */
    long count() {
        return database.value("select coalesce(sum(total), 0)::bigint from batch");
    }

    /**
     * Conversions that Metrika has processed, of the last thirty days, in batches of a hundred and files of up to a
     * hundred thousand, spread over the webhooks that there are.
     */
    void completed(long rows) {
        database.update("""
            do $$ begin
              for n in 1..30 loop
                execute format(
                  'create table if not exists conversion_%s partition of conversion for values from (%L) to (%L)',
                  to_char(current_date - n, 'YYYYMMDD'),
                  min_batch_id(current_date - n),
                  min_batch_id(current_date - n + 1));
              end loop;
            end $$\
            """);
        for (long left = rows; left > 0; left -= STEP) {
            database.update("""
                      with sent as (
                        insert into upload (webhook_id, counter_id, conversions, oldest_event_at, state,
                                            next_attempt_at, metrika_upload_id, created_at, sent_at, updated_at)
                        select id, counter_id, 0, now() - day * interval '1 day', 'completed', null,
                               (random() * 1e15)::bigint, now() - day * interval '1 day',
                               now() - day * interval '1 day', now() - day * interval '1 day'
                          from webhook, (select 1 + floor(random() * 29)::int as day) as chosen
                         order by random() limit 5
                        returning id, webhook_id, created_at
                      ), b as (
                        insert into batch (id, webhook_id, total, oldest_event_at, ready_at, upload_id, created_at)
                        select (left(min_batch_id(created_at::date)::text, 13)
                                || right(gen_random_uuid()::text, 23))::uuid,
                               webhook_id, 100, created_at, created_at, id, created_at
                          from sent cross join generate_series(1, ?::int / 500)
                        returning id, oldest_event_at)
                      insert into conversion (
                        batch_id, position, client_id, purchase_id, target, date_time, price, currency)
                      select id, n, '1234567890.1234567890', 'order' || n, 'purchase',
                             extract(epoch from oldest_event_at), 1500.50, 'RUB'
                        from b cross join generate_series(0, 99) as n\
                      """, Math.min(left, STEP));
        }
        database.update("vacuum analyze");
    }

    /** Files at Metrika that are to be asked about, once they are {@link #ask asked}. */
    void sent(UUID webhook, long counter, long metrikaId) {
        database.update("""
                insert into upload (webhook_id, counter_id, conversions, oldest_event_at,
                                    state, next_attempt_at, metrika_upload_id, sent_at)
                values (?, ?, 100, now(), 'uploaded', 'infinity', ?, now())\
                """, webhook, counter, metrikaId);
    }

    /** Has all files be asked about. */
    void ask() {
        database.update("update upload set next_attempt_at = now() where next_attempt_at = 'infinity'");
    }
}
