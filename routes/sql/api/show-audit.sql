-- Selects a page of the audit, the latest first. The id of the page's last entry is the key after which the next page starts.
with page as (
  select id, utc_text(at) as at, actor, address, action, webhook_id, batch_id, fields, details
    from audit
   where id < coalesce(:?page.after::bigint, 9223372036854775807)
   order by id desc
   limit :?page.limit
)
select row_to_json(answer)::text
  from (select coalesce((select json_agg(page order by id desc) from page), '[]') as entries,
               case when (select count(*) from page) = :?page.limit
                    then (select min(id) from page) end as next) as answer
