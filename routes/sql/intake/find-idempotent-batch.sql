-- The batch that an idempotency key already stands for; that the same request came again is counted. What a deleted webhook
-- has left behind answers nobody.
with known as (
  select id, body_hash, total, warnings, rejected_rows
    from batch
   where webhook_id = ? and idempotency_key = ? and exists (select from webhook where webhook.id = batch.webhook_id)
), counted as (
  update batch set repeated = repeated + 1 from known where batch.id = known.id and known.body_hash = ?
)
select id, body_hash, total, warnings::text as warnings, rejected_rows::text as rejected_rows from known
