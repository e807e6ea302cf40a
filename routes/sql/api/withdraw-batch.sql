-- Withdraws a batch that is not on its way: it is in no upload yet, or its upload ended in error. Its conversions are deleted;
-- the batch stays, and is taken out of a failed upload.
with unsent as (
  select id from batch
   where id = :?batch_id::uuid and webhook_id = :?webhook.id::uuid and upload_id is null and withdrawn_at is null
     for no key update
), failed as (
  select batch.id
    from upload
    join batch on batch.upload_id = upload.id
   where batch.id = :?batch_id::uuid and batch.webhook_id = :?webhook.id::uuid and upload.state in ('error', 'expired')
     for no key update of upload, batch
), withdrawn as (
  update batch
     set withdrawn_at = clock(), purged_at = clock(), upload_id = null
   where id in (select id from unsent union all select id from failed)
  returning id, webhook_id
), deleted as (
  delete from conversion where batch_id = (select id from withdrawn)
), audited as (
  insert into audit (actor, address, action, webhook_id, batch_id)
  select :?actor, :?address, 'withdraw-batch', webhook_id, id from withdrawn
)
select case when exists (select from withdrawn) then 'withdrawn'
            when status = 'accepted' then 'pending' -- while this statement waited, it joined an upload
            when status = 'error' then 'error, and it is just being sent again'
            else status end as outcome
  from batch_status
 where batch_id = :?batch_id::uuid and webhook_id = :?webhook.id::uuid
