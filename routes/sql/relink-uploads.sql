-- Sends again what Metrika could not link in full, at the ages of upload.relink: visitors may have become known since,
-- and Metrika overwrites the rows that it knows. Meanwhile the batches keep the status that they had.
with due as (
  select id, webhook_id, counter_id, state, relinks, created_at, errors
    from upload
   where relink_at <= clock() and state in ('completed', 'error')
   order by relink_at
   limit 1000
     for update skip locked
), tagged as materialized (
  select due.*, 'mc' || replace(gen_random_uuid()::text, '-', '') as tag, held.conversions, held.earliest
    from due
   cross join lateral (select sum(total - erased) as conversions,
                              coalesce(min(earliest) filter (where earliest > clock() - interval '21 days'),
                                       min(earliest)) as earliest,
                              count(*) filter (where purged_at is not null and erased < total) as purged
                         from batch where batch.upload_id = due.id) as held -- what was retried since is not among them
   where held.conversions > 0 and held.purged = 0
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
    from tagged
    join planned on planned.tag = tagged.tag
   where batch.upload_id = tagged.id
)
update upload
   set relink_at = null, state = case when exists (select from tagged where tagged.id = upload.id) then 'replaced' else upload.state end
  from due
 where upload.id = due.id
