-- Stores requests that wait at the same moment: of each its batch with all its rows, or nothing. Returns the outcome of each
-- request:
--   STORED     committed with this statement
--   OUTDATED   the webhook has changed since its sender was authenticated
--   TOO_MANY   the webhook's requests of this minute are used up, counted over all processes
--   REPEATED   the idempotency key is taken
-- and by webhook what other processes have counted (so many requests, so many seconds ago), where there is any.
-- Parameters: arrays of the batches (1 to 12), this process (13), arrays of their webhooks and of what the process has counted of
-- each (14, 15; null where another statement of the same moment says so), and arrays of the batches' conversions (16 to 25), whose
-- first names the batch.
with request as (
  select * from unnest(?::uuid[], ?::uuid[], ?::bigint[], ?::int[], ?::int[], ?::bigint[], ?::bigint[], ?::text[],
                       ?::text[], ?::text[], ?::bytea[], ?::text[])
    as r (id, webhook_id, version, requests_in_window, total, oldest_event_at, ready_at, source, warnings, idempotency_key, body_hash,
          rejected_rows)
), own as materialized (
  select ?::uuid as process, c.webhook_id, c.requests::int[] as requests from unnest(?::uuid[], ?::text[]) as c (webhook_id, requests)
), counted as (
  insert into request_window as w (process, webhook_id, at, requests)
  select process, webhook_id, clock(), requests from own where requests is not null
      on conflict (webhook_id, process) do update set at = excluded.at, requests = excluded.requests
), other as materialized (
  select w.webhook_id, n.second - 1 + floor(extract(epoch from clock() - w.at))::int as age, sum(n.requests)::int as requests
    from own
    join request_window w on w.webhook_id = own.webhook_id and w.process <> own.process and w.at > clock() - interval '1 minute'
   cross join lateral unnest(w.requests) with ordinality as n (requests, second)
   where n.requests > 0 and n.second - 1 + floor(extract(epoch from clock() - w.at)) < 60
   group by 1, 2
), judged as materialized (
  select r.*, webhook.id is not null as is_current,
         coalesce(r.requests_in_window + coalesce(others.requests, 0) > webhook.requests_per_minute, false) as is_too_many
    from request r
    left join webhook on webhook.id = r.webhook_id and webhook.version = r.version and webhook.is_active
    left join (select webhook_id, sum(requests) as requests from other group by webhook_id) as others
      on others.webhook_id = r.webhook_id
), stored as (
  insert into batch (id, webhook_id, total, oldest_event_at, ready_at, source, warnings, idempotency_key, body_hash, rejected_rows)
  select id, webhook_id, total, to_timestamp(oldest_event_at), to_timestamp(ready_at), source, warnings::json, idempotency_key,
         body_hash, rejected_rows::json
    from judged
   where is_current and not is_too_many
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
select judged.id,
       case when stored.id is not null then 'STORED'
            when not judged.is_current then 'OUTDATED'
            when judged.is_too_many then 'TOO_MANY'
            else 'REPEATED' end as outcome,
       null::int[] as ages, null::int[] as requests
  from judged
  left join stored on stored.id = judged.id
union all
select webhook_id, null, array_agg(age::int), array_agg(requests) from other group by webhook_id
