-- Selects how the files of the last seven days fared, by webhook: from the uploads that were planned in them, as they are now. What
-- was sent again counts as it ended last.
with week as (
  select webhook_id, max(sent_at) as last_upload, sum(batch_conversions) as conversions,
         sum(batch_conversions) filter (where state = 'completed') as completed,
         sum(batch_conversions) filter (where state in ('planned', 'uploaded', 'processing')) as pending,
         sum(batch_conversions) filter (where state in ('error', 'expired')) as error,
         sum(linked_quantity) filter (where state in ('completed', 'error')) as linked,
         sum(conversions) filter (where state in ('completed', 'error') and linked_quantity is not null) as counted
    from upload
   where created_at >= clock() - interval '7 days' and state <> 'replaced' and batch_conversions > 0
   group by webhook_id
), alert as materialized (
  select webhook_id, code, sum(batch_conversions) as conversions
    from (select webhook_id, errors -> -1 ->> 'code' as code, batch_conversions
            from upload
           where created_at >= clock() - interval '7 days' and state <> 'replaced' and errors is not null) as failed
   where batch_conversions > 0 and code is not null
   group by webhook_id, code
)
select row_to_json(page)::text
  from (select (select json_agg(json_build_object(
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
                  from webhook
                  left join week on week.webhook_id = webhook.id) as webhooks) as page
