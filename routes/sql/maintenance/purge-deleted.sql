-- Deletes a slice of what deleted webhooks have left: batches of some 5000 conversions, and the uploads of a webhook when none
-- of its batches is left. Rows that are locked are left for the next run. The webhook itself is deleted an hour after it was
-- marked, so that what was being stored at that moment is found too. What Metrika said of counters that no webhook has any more goes
-- after a day. Returns how many batches and uploads were deleted.
with candidate as materialized (
  select batch.id, batch.total
    from deleted_webhook
   cross join lateral (
     select id, total
       from batch
      where webhook_id = deleted_webhook.id
      order by id
      limit 1000
        for update skip locked) as batch
   limit 1000
), chosen as materialized (
  select id from (select id, sum(total) over (order by id) - total as conversions_before from candidate) as counted
   where conversions_before < 5000
), marks as (
  delete from pending_erasure where batch_id = any (array(select id from chosen))
), conversions as (
  delete from conversion where batch_id = any (array(select id from chosen)) -- so that no other day is looked into
), batches as (
  delete from batch where id = any (array(select id from chosen))
  returning id
), unused as materialized (
  select upload.id
    from deleted_webhook
   cross join lateral (
     select id
       from upload
      where webhook_id = deleted_webhook.id
      order by id
      limit 1000
        for update skip locked) as upload
   where not exists (select from batch where batch.webhook_id = deleted_webhook.id)
   limit 1000
), uploads as (
  delete from upload where id = any (array(select id from unused))
  returning id
), refused as (
  delete from refused_row using deleted_webhook where refused_row.webhook_id = deleted_webhook.id
), unasked as (
  delete from counter_check c
   where not exists (select from webhook where webhook.counter_id = c.counter_id and webhook.login = c.login)
     and next_check_at < clock() - interval '1 day'
), forgotten as (
  delete from deleted_webhook
   where deleted_at < clock() - interval '1 hour'
     and not exists (select from batch where batch.webhook_id = deleted_webhook.id)
     and not exists (select from upload where upload.webhook_id = deleted_webhook.id)
)
select (select count(*) from batches) + (select count(*) from uploads) as deleted
