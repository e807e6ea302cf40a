-- Plans uploads again that Metrika could not link in full, at the ages of upload.relink: it may know visitors by now that it
-- did not know then, and it overwrites the rows that it has. Meanwhile the batches keep their status.
with due as (
  select id, webhook_id, counter_id, state, resend_count, created_at, errors
    from upload
   where resend_at <= clock() and state in ('completed', 'error')
   order by resend_at
   limit 1000
     for no key update skip locked
), held as materialized ( -- what was retried since is not among them
  select batch.id, batch.upload_id, batch.total, batch.erased, batch.oldest_event_at, batch.purged_at
    from batch
    join due on due.id = batch.upload_id
   order by batch.id
     for no key update of batch
), tagged as materialized (
  select due.*, 'mc' || replace(gen_random_uuid()::text, '-', '') as tag, counted.conversions, counted.oldest_event_at
    from due
    join (select upload_id, sum(total - erased) as conversions,
                 coalesce(min(oldest_event_at) filter (where oldest_event_at > clock() - interval '21 days'), min(oldest_event_at))
                   as oldest_event_at,
                 count(*) filter (where purged_at is not null and erased < total) as purged
            from held
           group by upload_id) as counted on counted.upload_id = due.id
   where counted.conversions > 0 and counted.purged = 0
), planned as (
  insert into upload (webhook_id, counter_id, tag, conversions, oldest_event_at, kept_status, resend_count, created_at,
                      expires_at, errors)
  select webhook_id, counter_id, tag, conversions, oldest_event_at, state, resend_count + 1, created_at,
         created_at + interval '21 days', errors
    from tagged
  returning id, tag
), moved as (
  update batch
     set upload_id = planned.id
    from held
    join tagged on tagged.id = held.upload_id
    join planned on planned.tag = tagged.tag
   where batch.id = held.id
)
update upload
   set resend_at = null,
       state     = case when exists (select from tagged where tagged.id = upload.id) then 'replaced' else upload.state end
  from due
 where upload.id = due.id
