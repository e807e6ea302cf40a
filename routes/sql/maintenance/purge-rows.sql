-- Deletes, row by row, conversions past their retention period that are in no droppable partition: those in the default
-- partition, and all where the retention period is under a day. The batches and their status stay.
with candidate as (
  select batch_id as id from conversion_default group by batch_id
  union
  select id
    from batch
   where purged_at is null
     and least(:?{{retention.completed}}::interval, :?{{retention.error}}::interval) < interval '1 day'
), old as (
  select batch.id
    from candidate
    join batch on batch.id = candidate.id
    join upload on upload.id = batch.upload_id
   where batch.purged_at is null
     and is_retention_over(upload.state, upload.updated_at, upload.resend_at is not null,
                           :?{{retention.completed}}::interval, :?{{retention.error}}::interval)
   limit 10000
     for update of batch skip locked
), purged as (
  update batch set purged_at = clock(), rejected_rows = null from old where batch.id = old.id
), conversions as (
  delete from conversion
   where batch_id = any (array(select id from old))
  returning batch_id
)
select count(*) as deleted from conversions
