-- Deletes a webhook with all that belongs to it, unless conversions are still on their way and force was not asked for.
-- Answers: found, and on_the_way (the batches that stand against it).
with found as (
  select id from webhook where id = :?id::uuid for update
), open as (
  select count(*) as batches
    from batch left join upload on upload.id = batch.upload_id
   where batch.webhook_id = :?id::uuid
     and batch.withdrawn_at is null
     and (batch.upload_id is null or upload.state in ('planned', 'uploaded', 'processing'))
), gone as (
  delete from webhook using found, open where webhook.id = found.id and (open.batches = 0 or :?force::boolean)
  returning webhook.id
), marks as (
  delete from erasure using batch, gone where erasure.batch_id = batch.id and batch.webhook_id = gone.id
), conversions as (
  delete from conversion using batch, gone where conversion.batch_id = batch.id and batch.webhook_id = gone.id
), audited as (
  insert into audit (actor, address, action, webhook_id, details)
  select :?actor, :?address, 'delete-webhook', gone.id,
         jsonb_build_object('force', :?force::boolean, 'on_the_way', open.batches)
    from gone, open
)
select exists (select from found) as found, open.batches as on_the_way, exists (select from gone) as deleted from open
