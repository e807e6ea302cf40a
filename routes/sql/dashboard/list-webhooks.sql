-- Selects all webhooks with their figures, by their names: from the tallies.
with week as (
  select webhook_id, sum(quantity) filter (where outcome = 'linked') as linked, sum(quantity) filter (where outcome = 'unlinked') as unlinked
    from tally_by_hour
   where hour >= clock() - interval '7 days' and outcome in ('linked', 'unlinked')
   group by webhook_id
), last as (
  select webhook_id, max(changed_at) as at from tally_total where outcome in ('accepted', 'duplicate') group by webhook_id
)
select row_to_json(page)::text
  from (select coalesce(json_agg(json_build_object(
                 'webhook_id', webhook.id, 'name', name,
                 'state', case when not is_active then 'paused' when access_lost_at is not null then 'token_lost' else 'active' end,
                 'received', received, 'waiting', waiting, 'error', error + expired, 'linked', coalesce(linked, 0),
                 'unlinked', coalesce(unlinked, 0), 'last_conversion', utc_text(last.at)) order by name, webhook.id), '[]') as webhooks
          from webhook
          join tally_ledger on tally_ledger.webhook_id = webhook.id
          left join week on week.webhook_id = webhook.id
          left join last on last.webhook_id = webhook.id) as page
