-- Selects how the files of the last seven days fared, by webhook, a page of those that match a filter, by their names: from the uploads
-- that were planned in them, as they are now. What was sent again counts as it ended last. The id of the page's last webhook is the key
-- after which the next page starts.
with found as materialized (
  select id, name, place, matching
    from find_webhooks(:?filter.name::text, :?filter.state::text, :?filter.after::uuid, 51)
), shown as materialized (
  select id from found where place <= 50
), recent as materialized (
  select upload.*
    from upload
   where webhook_id = any (array(select id from shown)) and created_at >= clock() - interval '7 days' and state <> 'replaced'
     and batch_conversions > 0
), week as (
  select webhook_id, max(sent_at) as last_upload, sum(batch_conversions) as conversions,
         sum(batch_conversions) filter (where state = 'completed') as completed,
         sum(batch_conversions) filter (where state in ('planned', 'uploaded', 'processing')) as pending,
         sum(linked_quantity) filter (where state in ('completed', 'error')) as linked,
         sum(conversions) filter (where state in ('completed', 'error') and linked_quantity is not null) as counted
    from recent
   group by webhook_id
), alert as (
  select webhook_id, errors -> -1 ->> 'code' as code, sum(batch_conversions) as conversions
    from recent
   where errors -> -1 ->> 'code' is not null
   group by webhook_id, code
)
select row_to_json(page)::text
  from (select :?filter.name::text as sought, :?filter.state::text as state, :?filter.query::text as query, :?filter.after::text as after,
               coalesce((select max(matching) from found), 0) as matching,
               not exists (select from webhook) as is_empty,
               (select json_agg(json_build_object(
                         'webhook_id', webhook.id, 'name', name, 'last_upload', utc_text(last_upload), 'conversions', coalesce(conversions, 0),
                         'completed', coalesce(completed, 0), 'not_completed', coalesce(conversions - coalesce(completed, 0), 0),
                         'pending', coalesce(pending, 0), 'not_pending', coalesce(conversions - coalesce(pending, 0), 0),
                         'linked', coalesce(linked, 0), 'unlinked', coalesce(counted - linked, 0),
                         'alerts', (select json_agg(json_build_object('code', code, 'conversions', conversions) order by conversions desc, code)
                                      from (select code, conversions
                                              from alert
                                             where alert.webhook_id = webhook.id
                                             order by conversions desc, code
                                             limit 20) as most)) order by name, webhook.id)
                  from shown
                  join webhook using (id)
                  left join week on week.webhook_id = id) as webhooks,
               (select id from found where place = 50 and exists (select from found where place > 50)) as next) as page
