-- A page of a webhook's batches, newest first. The id of the page's last batch is the key that the next page starts after.
with page as (
  select batch_id, answer
    from batch_status
   where webhook_id = :?webhook_id::uuid
     and (:?status::text is null or status = :?status::text)
     and (:?after::uuid is null or batch_id < :?after::uuid)
   order by batch_id desc
   limit :?limit
)
select row_to_json(answer)::text
  from (select coalesce((select json_agg(answer order by batch_id desc) from page), '[]') as batches,
               case when (select count(*) from page) = :?limit
                    then (select batch_id from page order by batch_id limit 1) end as next) as answer
