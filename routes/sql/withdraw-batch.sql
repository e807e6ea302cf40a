-- Withdraws a batch that is not yet on its way: its conversions are deleted, and only its number stays.
with withdrawn as (
  update batch
     set withdrawn_at = clock(), purged_at = clock()
   where id = :?batch_id::uuid and webhook_id = :?webhook_id::uuid and upload_id is null and withdrawn_at is null
  returning id
), deleted as (
  delete from conversion using withdrawn where conversion.batch_id = withdrawn.id
)
select case when exists (select from withdrawn) then 'withdrawn now'
            when status = 'accepted' then 'pending' -- while this statement waited, it joined an upload
            else status end as outcome
  from batch_status
 where batch_id = :?batch_id::uuid and webhook_id = :?webhook_id::uuid
