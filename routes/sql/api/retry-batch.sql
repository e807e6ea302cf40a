-- Moves a batch that ended in error to an upload of its own, which is planned. The other batches of the failed upload stay
-- there.
with failed as (
  select batch.id, batch.webhook_id, batch.total - batch.erased as total, batch.oldest_event_at, webhook.counter_id
    from upload
    join batch on batch.upload_id = upload.id
    join webhook on webhook.id = batch.webhook_id
   where batch.id = :?batch_id::uuid and batch.webhook_id = :?webhook_id::uuid
     and upload.state in ('error', 'expired') and batch.purged_at is null
     for no key update of upload, batch
), planned as (
  insert into upload (webhook_id, counter_id, conversions, oldest_event_at)
  select webhook_id, counter_id, total, oldest_event_at from failed
  returning id
), moved as (
  update batch set upload_id = planned.id from planned where batch.id = :?batch_id::uuid
  returning batch.id, batch.webhook_id
), audited as (
  insert into audit (actor, address, action, webhook_id, batch_id)
  select :?actor, :?address, 'retry-batch', webhook_id, id from moved
)
select case when exists (select from moved) then 'retried'
            else (select status || case when status <> 'error' then ''
                                        when purged_at is not null then ', and its conversions are deleted'
                                        else ', and it is just being sent again' end
                    from batch_status
                    join batch on batch.id = batch_status.batch_id
                   where batch.id = :?batch_id::uuid and batch.webhook_id = :?webhook_id::uuid) end as outcome
