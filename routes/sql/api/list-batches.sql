-- Selects a page of a webhook's batches, newest first. The id of the page's last batch is the key after which the next page
-- starts. Each kind of status has an index of its own, however many other batches there are: completed batches, as most are,
-- are read from the index of all; waiting and withdrawn ones have one each; the others are found by the uploads that did not
-- complete.
with candidate as (
  (select batch_status.batch_id as id
     from batch_status
    where coalesce(:?page.status::text, 'completed') = 'completed'
      and batch_status.webhook_id = :?webhook.id::uuid
      and batch_status.batch_id < coalesce(:?page.after::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      and (:?page.status::text is null or batch_status.status = :?page.status::text)
    order by batch_status.batch_id desc
    limit :?page.limit)
  union all
  (select id
     from batch
    where :?page.status::text = 'accepted'
      and webhook_id = :?webhook.id::uuid and upload_id is null and withdrawn_at is null
      and id < coalesce(:?page.after::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    order by id desc
    limit :?page.limit)
  union all
  (select id
     from batch
    where :?page.status::text = 'withdrawn'
      and webhook_id = :?webhook.id::uuid and withdrawn_at is not null
      and id < coalesce(:?page.after::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    order by id desc
    limit :?page.limit)
  union all
  (select held.id
     from upload
    cross join lateral (
      select batch.id
        from batch
        join batch_status on batch_status.batch_id = batch.id
       where batch.upload_id = upload.id
         and batch.id < coalesce(:?page.after::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         and batch_status.status = :?page.status::text
       order by batch.id desc
       limit :?page.limit) as held
    where :?page.status::text not in ('completed', 'accepted', 'withdrawn')
      and upload.webhook_id = :?webhook.id::uuid and upload.state not in ('completed', 'replaced')
    order by held.id desc
    limit :?page.limit)
), page as (
  select batch_status.batch_id, batch_status.answer
    from (select id from candidate order by id desc limit :?page.limit) as chosen
    join batch_status on batch_status.batch_id = chosen.id
)
select row_to_json(answer)::text
  from (select coalesce((select json_agg(answer order by batch_id desc) from page), '[]') as batches,
               case when (select count(*) from page) = :?page.limit
                    then (select batch_id from page order by batch_id limit 1) end as next) as answer
