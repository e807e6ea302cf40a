-- Deletes the conversions of batches whose upload ended long enough ago. The batches stay, and answer for their status.
with old as (
  select batch.id
    from batch
    join upload on upload.id = batch.upload_id
   where batch.purged_at is null
     and upload.relink_at is null
     and (   upload.state = 'completed' and upload.updated_at < clock() - :?completed::interval
          or upload.state in ('error', 'expired') and upload.updated_at < clock() - :?error::interval)
   limit 10000
     for update of batch skip locked
), purged as (
  update batch set purged_at = clock(), refused = null from old where batch.id = old.id
)
delete from conversion using old where conversion.batch_id = old.id
