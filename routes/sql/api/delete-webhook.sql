-- Deletes a webhook, unless conversions are still on their way and force was not given. It is gone at once, for every process;
-- purge-deleted deletes what belonged to it.
-- Returns on_the_way (the batches that prevent it, counted up to 100000) and deleted; no row where there is no such webhook.
with found as (
  select id from webhook where id = :?webhook_id::uuid for update
), open as (
  select count(*) as batches
    from ((select id
             from batch
            where webhook_id = :?webhook_id::uuid and upload_id is null and withdrawn_at is null
            limit 100000)
          union all
          (select batch.id
             from upload
             join batch on batch.upload_id = upload.id
            where upload.webhook_id = :?webhook_id::uuid
              and upload.state not in ('completed', 'replaced') -- the index
              and upload.state in ('planned', 'uploaded', 'processing') and batch.withdrawn_at is null
            limit 100000)
          limit 100000) as counted
), gone as (
  delete from webhook using found, open where webhook.id = found.id and (open.batches = 0 or :?force::boolean)
  returning webhook.id
), left_behind as (
  insert into deleted_webhook (id) select id from gone
), audited as (
  insert into audit (actor, address, action, webhook_id, details)
  select :?actor, :?address, 'delete-webhook', gone.id,
         jsonb_build_object('force', :?force::boolean, 'on_the_way', open.batches)
    from gone, open
)
select open.batches as on_the_way, exists (select from gone) as deleted from open, found
