-- Stores requests that wait at the same moment: each one's batch with all its rows, or nothing of it. Whose idempotency
-- key is taken, or whose webhook is gone or switched off, is left out; the ids that were stored come back.
-- Parameters: arrays of the batches (1 to 8), then of their conversions (9 to 18), whose first names the batch.
with request as (
  select * from unnest(?::uuid[], ?::uuid[], ?::int[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::bytea[])
    as r (id, webhook_id, total, earliest, ready_at, warnings, idempotency_key, body_hash)
), stored as (
  insert into batch (id, webhook_id, total, earliest, ready_at, warnings, idempotency_key, body_hash)
  select r.id, r.webhook_id, r.total, to_timestamp(r.earliest), to_timestamp(r.ready_at), r.warnings::json,
         r.idempotency_key, r.body_hash
    from request r
    join webhook w on w.id = r.webhook_id and w.is_active
      on conflict (webhook_id, idempotency_key) where idempotency_key is not null do nothing
  returning id
), rows as (
  insert into conversion (batch_id, position, client_id, user_id, yclid, purchase_id, target, date_time, price, currency)
  select c.batch_id, c.position, c.client_id, c.user_id, c.yclid, c.purchase_id, c.target, c.date_time, c.price, c.currency
    from unnest(?::uuid[], ?::int[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::numeric[],
                ?::text[])
      as c (batch_id, position, client_id, user_id, yclid, purchase_id, target, date_time, price, currency)
    join stored on stored.id = c.batch_id
)
select id from stored
