-- Sends again what Metrika could not link in full, at the ages of upload.relink: visitors may have become known since,
-- and Metrika overwrites the rows that it knows. Meanwhile the batches keep the status that they had.
with due as (
  select id, webhook_id, counter_id, state, relinks, created_at, errors
    from upload
   where relink_at <= clock() and state in ('completed', 'error')
   order by relink_at
   limit 1000
     for no key update skip locked
), held as materialized ( -- what was retried since is not among them
  select batch.id, batch.upload_id, batch.total, batch.erased, batch.earliest, batch.purged_at
    from batch
    join due on due.id = batch.upload_id
   order by batch.id
     for no key update of batch
), tagged as materialized (
  select due.*, 'mc' || replace(gen_random_uuid()::text, '-', '') as tag, counted.conversions, counted.earliest
    from due
    join (select upload_id, sum(total - erased) as conversions,
                 coalesce(min(earliest) filter (where earliest > clock() - interval '21 days'), min(earliest)) as earliest,
                 count(*) filter (where purged_at is not null and erased < total) as purged
            from held
           group by upload_id) as counted on counted.upload_id = due.id
   where counted.conversions > 0 and counted.purged = 0
), planned as (
  insert into upload (webhook_id, counter_id, tag, conversions, earliest, standing, relinks, created_at,
                      expires_at, errors)
  select webhook_id, counter_id, tag, conversions, earliest, state, relinks + 1, created_at,
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
   set relink_at = null, state = case when exists (select from tagged where tagged.id = upload.id) then 'replaced' else upload.state end
  from due
 where upload.id = due.id
