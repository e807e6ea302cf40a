-- The batch that an idempotency key already stands for.
select id, body_hash, total, warnings::text as warnings
  from batch
 where webhook_id = ? and idempotency_key = ?
