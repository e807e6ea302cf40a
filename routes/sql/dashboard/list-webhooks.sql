-- Selects a page of the webhooks that match a filter, by their names, with their figures from the tallies, and how many match. The id of
-- the page's last webhook is the key after which the next page starts.
with found as materialized (
  select id, name, place, matching
    from find_webhooks(:?filter.name::text, :?filter.state::text, :?filter.after::uuid, 51)
), shown as materialized (
  select id from found where place <= 50
), hour as (
  select webhook_id, hour, outcome, sum(quantity) as quantity
    from tally_by_hour
   where webhook_id = any (array(select id from shown))
     and hour >= clock() - interval '7 days' and outcome in ('linked', 'unlinked', 'accepted', 'duplicate')
   group by webhook_id, hour, outcome
), week as (
  select webhook_id, sum(quantity) filter (where outcome = 'linked') as linked, sum(quantity) filter (where outcome = 'unlinked') as unlinked
    from hour
   group by webhook_id
), received as (
  select webhook_id, hour, sum(quantity) as quantity
    from hour
   where hour > this_hour() - interval '24 hours' and outcome in ('accepted', 'duplicate')
   group by webhook_id, hour
), day as ( -- a join, which is hashed: all hours of a week are too many to be read again for each of these
  select id as webhook_id, json_agg(coalesce(quantity, 0) order by at) as by_hour, coalesce(sum(quantity), 0) as received
    from shown
   cross join generate_series(this_hour() - interval '23 hours', this_hour(), interval '1 hour') as at
    left join received on webhook_id = id and hour = at
   group by id
), total as (
  select * from tally_ledger where webhook_id = any (array(select id from shown))
), last as (
  select webhook_id, max(changed_at) as at
    from tally_total
   where webhook_id = any (array(select id from shown)) and outcome in ('accepted', 'duplicate')
   group by webhook_id
)
select row_to_json(page)::text
  from (select :?filter.name::text as sought, :?filter.state::text as state, :?filter.query::text as query, :?filter.after::text as after,
               coalesce((select max(matching) from found), 0) as matching,
               not exists (select from webhook) as is_empty,
               (select json_agg(json_build_object(
                         'webhook_id', webhook.id, 'name', name,
                         'state', webhook_state(webhook),
                         'access_lost_at', utc_text(access_lost_at),
                         'received', total.received, 'waiting', waiting, 'error', error + expired, 'linked', coalesce(linked, 0),
                         'unlinked', coalesce(unlinked, 0), 'by_hour', by_hour, 'received_day', day.received,
                         'last_conversion', utc_text(last.at)) order by name, webhook.id)
                  from shown
                  join webhook using (id)
                  join total on total.webhook_id = id
                  join day on day.webhook_id = id
                  left join week on week.webhook_id = id
                  left join last on last.webhook_id = id) as webhooks,
               (select id from found where place = 50 and exists (select from found where place > 50)) as next) as page
