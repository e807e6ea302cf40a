-- Selects the batches that idempotency keys already stand for, with the hash of what each was used with, and counts the repetitions:
-- those with the same hash, if they are to be counted. Batches of deleted webhooks are not found.
-- Parameters: arrays of keys and hashes (1, 2), the webhook (3), whether to count (4).
with given as (
  select * from unnest(?::text[], ?::bytea[]) as g (idempotency_key, body_hash)
), known as materialized (
  select batch.id, batch.idempotency_key, batch.body_hash, batch.body_hash = given.body_hash as is_same
    from given
    join batch on batch.webhook_id = ?::uuid and batch.idempotency_key = given.idempotency_key
   where exists (select from webhook where webhook.id = batch.webhook_id)
), counted as materialized (
  select case when ?::boolean then count_repetitions(array(select id from known where is_same)) end
)
select idempotency_key, body_hash from known, counted
