-- Withdraws a batch that is not yet on its way: its conversions are deleted, and only its number stays.
with withdrawn as (
  update batch
     set withdrawn_at = clock(), purged_at = clock()
   where id = :?batch_id::uuid and webhook_id = :?webhook_id::uuid and upload_id is null and withdrawn_at is null
  returning id, webhook_id
), deleted as (
  delete from conversion where batch_id = (select id from withdrawn)
), audited as (
  insert into audit (actor, address, action, webhook_id, batch_id)
  select :?actor, :?address, 'withdraw-batch', webhook_id, id from withdrawn
)
select case when exists (select from withdrawn) then 'withdrawn now'
            when status = 'accepted' then 'pending' -- while this statement waited, it joined an upload
            else status end as outcome
  from batch_status
 where batch_id = :?batch_id::uuid and webhook_id = :?webhook_id::uuid
