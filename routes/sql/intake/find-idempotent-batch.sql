-- Selects the batch that an idempotency key already stands for, and counts the repetition. Batches of deleted webhooks are not
-- found.
with known as (
  select id, body_hash, total, warnings, rejected_rows
    from batch
   where webhook_id = ? and idempotency_key = ? and exists (select from webhook where webhook.id = batch.webhook_id)
), counted as (
  update batch set repeated = repeated + 1 from known where batch.id = known.id and known.body_hash = ?
)
select id, body_hash, total, warnings::text as warnings, rejected_rows::text as rejected_rows from known
