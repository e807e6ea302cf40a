-- Selects a page of a webhook's refused rows, newest first. The id of the page's last row is the key after which the next page
-- starts.
with page as (
  select *
    from refused_row
   where webhook_id = :?webhook.id::uuid
     and id < coalesce(:?page.after::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
   order by id desc
   limit :?page.limit
)
select row_to_json(answer)::text
  from (select coalesce((select json_agg(json_build_object(
                                           'id', id,
                                           'source', source,
                                           'received_at', utc_text(received_at),
                                           'last_received_at', utc_text(last_received_at),
                                           'times', times,
                                           'row', content,
                                           'field', field,
                                           'reason', reason,
                                           'file', file,
                                           'line', line) order by id desc)
                           from page), '[]') as refused,
               case when (select count(*) from page) = :?page.limit
                    then (select id from page order by id limit 1) end as next) as answer
