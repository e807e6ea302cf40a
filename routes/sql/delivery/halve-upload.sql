-- Replaces a rejected upload of several batches by two uploads of half of them each, until the batch that Metrika rejects is
-- alone. Not when the counter is wrong, which it would be for each half too; and not after a thousand rejected parts of one
-- file, which bounds the calls.
with rejected as (
  select id, webhook_id, counter_id, coalesce(split_from, id) as whole, kept_status, resend_count, created_at, expires_at
    from upload
   where id = :?upload.id::bigint and claim_number = :?upload.claim_number::int and state = 'planned' and not :?failure.wrong_counter::boolean
     and (select count(*) from upload part
           where part.split_from = coalesce(upload.split_from, upload.id) and part.state in ('error', 'replaced')) < 1000
     for no key update
), held as materialized (
  select batch.id, batch.total - batch.erased as total, batch.oldest_event_at
    from batch
    join rejected on rejected.id = batch.upload_id
   order by batch.id
     for no key update of batch
), halves as materialized (
  select id, total, oldest_event_at, ntile(2) over (order by id) as half from held
), tagged as materialized (
  select half, 'mc' || replace(gen_random_uuid()::text, '-', '') as tag, sum(total) as total,
         coalesce(min(oldest_event_at) filter (where oldest_event_at > clock() - interval '21 days'), min(oldest_event_at))
           as oldest_event_at
    from halves
   where (select count(*) from halves) > 1
   group by half
), planned as (
  insert into upload (webhook_id, counter_id, tag, conversions, oldest_event_at, split_from, kept_status, resend_count,
                      created_at, expires_at)
  select webhook_id, counter_id, tag, total, oldest_event_at, whole, kept_status, resend_count, created_at, expires_at
    from rejected, tagged
  returning id, tag
), moved as (
  update batch
     set upload_id = planned.id
    from halves
    join tagged on tagged.half = halves.half
    join planned on planned.tag = tagged.tag
   where batch.id = halves.id
)
update upload
   set state = 'replaced', next_attempt_at = null, lease_expires_at = null, unknown_since = null, updated_at = clock()
  from rejected
 where upload.id = rejected.id and exists (select from planned)
returning upload.id
