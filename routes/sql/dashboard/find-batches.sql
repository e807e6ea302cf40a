-- Selects a page of the batches that match a filter, newest first, and how many match, up to ten thousand. The id of the page's last
-- batch is the key after which the next page starts.
with matched as materialized (
  select id
    from find_batches(:?filter.webhook::uuid, :?filter.state::text, :?filter.code::text, :?filter.since::timestamptz,
                      :?filter.until::timestamptz, null, 10001)
), found as materialized ( -- the first page is the beginning of what was found already
  (select id from matched where :?filter.after::uuid is null order by id desc limit 51)
  union all
  select id
    from find_batches(:?filter.webhook::uuid, :?filter.state::text, :?filter.code::text, :?filter.since::timestamptz,
                      :?filter.until::timestamptz, :?filter.after::uuid, 51)
   where :?filter.after::uuid is not null
), shown as (
  select batch_id, batch_status.webhook_id, name, status, answer, upload.errors -> -1 ->> 'code' as code
    from (select id from found order by id desc limit 50) as first
    join batch on batch.id = first.id
    join batch_status on batch_id = batch.id
    join webhook on webhook.id = batch_status.webhook_id
    left join upload on upload.id = batch.upload_id
)
select row_to_json(page)::text
  from (select :?filter.webhook::text as webhook, :?filter.state::text as state, :?filter.code::text as code,
               :?filter.since_given::text as since, :?filter.until_given::text as until, :?filter.query::text as query,
               :?filter.after::text as after,
               (select least(count(*), 10000) from matched) as matching,
               (select count(*) > 10000 from matched) as is_more,
               not exists (select from batch) as is_empty,
               :?filter.webhook::uuid is not null and not exists (select from webhook where id = :?filter.webhook::uuid) as is_unknown,
               (select json_agg(json_build_object('webhook_id', id, 'name', name) order by name, id)
                  from (select id, name from webhook order by id = :?filter.webhook::uuid desc nulls last, name, id limit 500) as listed) as webhooks,
               (select json_agg(json_build_object('code', code) order by code)
                  from (select distinct code from tally_total where outcome = 'failed' order by code limit 100) as listed) as codes,
               (select json_agg(json_build_object('retry_id', id) order by created_at)
                  from (select id, created_at from retry_job where state = 'running' order by created_at limit 10) as listed) as retries,
               (select json_agg(json_build_object('batch_id', batch_id, 'webhook_id', webhook_id, 'name', name, 'status', status,
                                                  'created_at', answer ->> 'created_at', 'total', answer -> 'total', 'code', code)
                                order by batch_id desc)
                  from shown) as batches,
               case when (select count(*) from found) > 50 then (select batch_id from shown order by batch_id limit 1) end as next) as page
