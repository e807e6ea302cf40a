-- Selects the batches that idempotency keys already stand for, with the hash of what each was used with, and counts the repetitions:
-- those with the same hash, if they are to be counted. Batches of deleted webhooks are not found.
-- Parameters: arrays of keys and hashes (1, 2), the webhook (3), whether to count (4).
with given as (
  select * from unnest(?::text[], ?::bytea[]) as g (idempotency_key, body_hash)
), known as (
  select batch.id, batch.idempotency_key, batch.body_hash, batch.body_hash = given.body_hash as is_same
    from given
    join batch on batch.webhook_id = ?::uuid and batch.idempotency_key = given.idempotency_key
   where exists (select from webhook where webhook.id = batch.webhook_id)
), locked as ( -- an array: after a wait for a lock PostgreSQL would not find a row again by a subquery
  select id from batch where ?::boolean and id = any (array(select id from known where is_same)) order by id for no key update
), counted as (
  update batch set repeated = repeated + 1 from locked where batch.id = locked.id
)
select idempotency_key, body_hash from known
