-- Selects all webhooks with their figures, by their names: from the tallies.
with week as (
  select webhook_id, sum(quantity) filter (where outcome = 'linked') as linked, sum(quantity) filter (where outcome = 'unlinked') as unlinked
    from tally_by_hour
   where hour >= clock() - interval '7 days' and outcome in ('linked', 'unlinked')
   group by webhook_id
), last as (
  select webhook_id, max(changed_at) as at from tally_total where outcome in ('accepted', 'duplicate') group by webhook_id
), counted as (
  select webhook_id, hour, sum(quantity) as quantity
    from tally_by_hour
   where hour > this_hour() - interval '24 hours' and outcome in ('accepted', 'duplicate')
   group by webhook_id, hour
), day as (
  select webhook.id as webhook_id, json_agg(coalesce(quantity, 0) order by at) as by_hour, coalesce(sum(quantity), 0) as received
    from webhook
   cross join generate_series(this_hour() - interval '23 hours', this_hour(), interval '1 hour') as at
    left join counted on counted.webhook_id = webhook.id and hour = at
   group by webhook.id
)
select row_to_json(page)::text
  from (select coalesce(json_agg(json_build_object(
                 'webhook_id', webhook.id, 'name', name,
                 'state', case when not is_active then 'paused' when access_lost_at is not null then 'token_lost' else 'active' end,
                 'access_lost_at', utc_text(access_lost_at),
                 'received', tally_ledger.received, 'waiting', waiting, 'error', error + expired, 'linked', coalesce(linked, 0),
                 'unlinked', coalesce(unlinked, 0), 'by_hour', by_hour, 'received_day', day.received,
                 'last_conversion', utc_text(last.at)) order by name, webhook.id), '[]') as webhooks
          from webhook
          join tally_ledger on tally_ledger.webhook_id = webhook.id
          join day on day.webhook_id = webhook.id
          left join week on week.webhook_id = webhook.id
          left join last on last.webhook_id = webhook.id) as page
