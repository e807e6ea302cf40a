-- Selects a page of the uploads that match a filter, newest first, and how many match, up to ten thousand. The id of the page's last
-- upload is the key after which the next page starts.
with matched as materialized (
  select id
    from find_uploads(:?filter.webhook::uuid, :?filter.state::text, :?filter.since::timestamptz, :?filter.until::timestamptz, null, 10001)
), found as materialized ( -- the first page is the beginning of what was found already
  (select id from matched where :?filter.after::bigint is null order by id desc limit 51)
  union all
  select id
    from find_uploads(:?filter.webhook::uuid, :?filter.state::text, :?filter.since::timestamptz, :?filter.until::timestamptz,
                      :?filter.after::bigint, 51)
   where :?filter.after::bigint is not null
), shown as (
  select upload.id as upload_id, upload.webhook_id, name, state, metrika_upload_id::text as metrika_upload_id, metrika_status, conversions,
         line_quantity, linked_quantity, user_not_found_quantity, goal_not_found_quantity, utc_text(upload.created_at) as created_at,
         case when state in ('completed', 'error') then extract(epoch from upload.updated_at - sent_at)::bigint end as seconds,
         errors -> -1 ->> 'code' as code
    from (select id from found order by id desc limit 50) as first
    join upload on upload.id = first.id
    join webhook on webhook.id = upload.webhook_id
)
select row_to_json(page)::text
  from (select :?filter.webhook::text as webhook, :?filter.state::text as state, :?filter.since_given::text as since,
               :?filter.until_given::text as until, :?filter.query::text as query, :?filter.after::text as after,
               (select least(count(*), 10000) from matched) as matching,
               (select count(*) > 10000 from matched) as is_more,
               not exists (select from upload) as is_empty,
               :?filter.webhook::uuid is not null and not exists (select from webhook where id = :?filter.webhook::uuid) as is_unknown,
               (select json_agg(json_build_object('webhook_id', id, 'name', name) order by name, id)
                  from (select id, name from webhook order by id = :?filter.webhook::uuid desc nulls last, name, id limit 500) as listed) as webhooks,
               (select json_agg(shown order by upload_id desc) from shown) as uploads,
               case when (select count(*) from found) > 50 then (select upload_id from shown order by upload_id limit 1) end as next) as page
