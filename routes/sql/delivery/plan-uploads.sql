-- Gathers waiting batches into uploads of at most upload.max-conversions, each of one webhook: whole batches, in the order in
-- which they came. Returns how many batches were planned; run again until that is 0. The intent is committed before a byte goes
-- out, and the content is fixed: the batches, their rows and the order of the rows never change again.
-- While an upload of a webhook has failed and waits, or its login had no call left for it, later batches wait too, and go out
-- in one file: calls are few. They do not wait for an upload that is only sent again to link more.
with waiting as materialized (
  select batch.id, batch.webhook_id, batch.total, batch.oldest_event_at, batch.created_at
    from webhook
   cross join lateral (
     select id, webhook_id, total - erased as total, oldest_event_at, created_at
       from batch
      where batch.webhook_id = webhook.id and upload_id is null and withdrawn_at is null and ready_at <= clock()
      order by id
      limit :?{{upload.max-conversions}}::int
        for update skip locked) as batch
   where not exists (select from upload
                      where upload.webhook_id = webhook.id and upload.state = 'planned' and upload.kept_status is null
                        and (upload.attempt_count > 0 or upload.created_at < clock() - interval '10 seconds'))
), counted as (
  select id, webhook_id, oldest_event_at, created_at, total,
         sum(total) over (partition by webhook_id order by id) as total_so_far,
         row_number() over (partition by webhook_id order by id) as place
    from waiting
), chosen as (
  select * from counted where total_so_far <= :?{{upload.max-conversions}}::int or place = 1
), planned as (
  insert into upload (webhook_id, counter_id, conversions, oldest_event_at, expires_at)
  select c.webhook_id, w.counter_id, sum(c.total),
         coalesce(min(c.oldest_event_at) filter (where c.oldest_event_at > clock() - interval '21 days'), min(c.oldest_event_at)),
         max(c.created_at) + interval '21 days'
    from chosen c
    join webhook w on w.id = c.webhook_id
   group by c.webhook_id, w.counter_id
  returning id, webhook_id
), moved as (
  update batch
     set upload_id = planned.id
    from chosen
    join planned on planned.webhook_id = chosen.webhook_id
   where batch.id = chosen.id
  returning batch.id
)
select count(*) as planned from moved
