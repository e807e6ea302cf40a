-- Metrics that are made from tables. They are computed for all processes by one, every few seconds, from the tallies and what waits:
-- never from the batches that are over.

create or replace function current_metrics(of_webhooks integer, calls_a_day integer)
returns table (name text, type text, tags jsonb, value float8) language sql stable as $$
  with total as materialized (
    select tally_now.*, webhook.id is not null as is_current from tally_now left join webhook on webhook.id = webhook_id
  ), waiting as materialized (
    select webhook_id, since, oldest_event_at from waiting_since
  ), busiest as materialized (
    select webhook_id
      from total
     where is_current and outcome = 'accepted'
     group by webhook_id
     order by sum(quantity) desc, webhook_id
     limit of_webhooks
  ), shown as materialized (
    select webhook.id, webhook.name, webhook.access_lost_at from webhook where webhook.id in (select webhook_id from busiest)
  ), series (name, type, tags, value) as (
    -- By source
    select 'conversions.received', 'counter', jsonb_build_object('source', source), sum(quantity)::float8
      from total where outcome in ('accepted', 'duplicate') group by source
    union all
    select 'conversions.duplicate', 'counter', jsonb_build_object('source', source), sum(quantity)
      from total where outcome = 'duplicate' group by source
    union all
    select 'conversions.refused', 'counter', jsonb_build_object('source', source, 'code', code), sum(quantity)
      from total where outcome = 'refused' group by source, code
    union all
    select 'source.last.seen.timestamp.seconds', 'gauge', jsonb_build_object('source', source), extract(epoch from max(changed_at))
      from tally_total where outcome in ('accepted', 'duplicate') and source <> '' group by source
    -- What became of them
    union all
    select 'conversions.' || replace(o.outcome, '_', '.'), 'counter', '{}', coalesce(sum(quantity), 0)
      from unnest(array['accepted', 'sent', 'linked', 'unlinked', 'not_taken', 'goal_not_found', 'withdrawn', 'erased']) as o (outcome)
      left join total on total.outcome = o.outcome
     group by o.outcome
    union all
    select 'conversions.failed', 'counter', jsonb_build_object('code', code), sum(quantity)
      from total where outcome = 'failed' group by code
    union all
    select 'uploads', 'counter', jsonb_build_object('outcome', o.outcome), coalesce(sum(quantity), 0)
      from unnest(array['uploaded', 'completed', 'error', 'expired', 'replaced']) as o (outcome)
      left join total on total.outcome = 'upload_' || o.outcome
     group by o.outcome
    -- Where they are now
    union all
    select 'conversions.' || replace(o.outcome, '_', '.'), 'gauge', '{}', coalesce(sum(quantity), 0)
      from unnest(array['in_flight', 'completed', 'error', 'expired']) as o (outcome)
      left join total on total.outcome = o.outcome and is_current
     group by o.outcome
    union all
    select 'conversions.waiting', 'gauge', '{}', coalesce(sum(waiting), 0) from tally_ledger
    union all
    select 'conversions.waiting.oldest.seconds', 'gauge', '{}', coalesce(extract(epoch from clock() - min(since)), 0) from waiting
    union all
    select 'conversions.deadline.seconds', 'gauge', '{}',
           extract(epoch from least(min(oldest_event_at) filter (where oldest_event_at > clock() - interval '21 days'), clock())
                              + interval '21 days' - clock())
      from waiting
    union all
    select 'conversions.unknown', 'gauge', '{}', coalesce(sum(conversions), 0)
      from upload where state = 'planned' and unknown_since is not null
    -- Metrika
    union all
    select 'webhooks', 'gauge', '{}', count(*) from webhook
    union all
    select 'webhooks.token.lost', 'gauge', '{}', count(*) from webhook where access_lost_at is not null
    union all
    select 'metrika.calls.left', 'gauge', jsonb_build_object('login', left(login, 8)), calls_a_day - coalesce(calls, 0)
      from (select login from webhook group by login order by count(*) desc, login limit greatest(of_webhooks, 1)) as logins
      left join daily_calls on owner = 'login:' || login and day = (clock() at time zone 'UTC')::date
    -- Days of conversions
    union all
    select 'conversions.days.ahead', 'gauge', '{}', count(*)
      from conversion_partition where from_id > min_batch_id((clock() at time zone 'UTC')::date)
    union all
    select 'conversions.oldest.day.seconds', 'gauge', '{}',
           coalesce(extract(epoch from clock()) - min(('x' || left(replace(to_id::text, '-', ''), 12))::bit(48)::bigint) / 1000.0 + 86400, 0)
      from conversion_partition
    -- Sources that pull, incidents and their news
    union all
    select 'source.pulled.timestamp.seconds', 'gauge', jsonb_build_object('source', source), extract(epoch from pulled_at)
      from source_cursor where pulled_at is not null
    union all
    select 'source.failing.seconds', 'gauge', jsonb_build_object('source', source),
           coalesce(extract(epoch from clock() - failing_since), 0) from source_cursor
    union all
    select 'incidents.open', 'gauge', jsonb_build_object('kind', kinds.kind), count(incident.id)
      from unnest(incident_kinds()) as kinds (kind)
      left join incident on incident.kind = kinds.kind and closed_at is null
     group by kinds.kind
    union all
    select 'notifications.waiting', 'gauge', jsonb_build_object('channel', channel), count(*)
      from event_delivery where next_attempt_at is not null group by channel
    union all
    select 'notifications.given.up', 'gauge', jsonb_build_object('channel', channel), count(*)
      from event_delivery where state = 'given_up' group by channel
    -- By webhook
    union all
    select 'webhook.conversions.received', 'counter', jsonb_build_object('webhook', id, 'name', shown.name), sum(quantity)
      from shown join total on webhook_id = id where outcome in ('accepted', 'duplicate') group by id, shown.name
    union all
    select 'webhook.conversions.' || o.outcome, 'counter', jsonb_build_object('webhook', id, 'name', shown.name),
           coalesce(sum(quantity), 0)
      from shown
     cross join unnest(array['linked', 'unlinked']) as o (outcome)
      left join total on webhook_id = id and total.outcome = o.outcome
     group by id, shown.name, o.outcome
    union all
    select 'webhook.conversions.' || place, 'gauge', jsonb_build_object('webhook', id, 'name', shown.name), quantity
      from shown
      join tally_ledger on webhook_id = id
     cross join lateral (values ('waiting', waiting), ('error', error)) as places (place, quantity)
    union all
    select 'webhook.conversions.waiting.oldest.seconds', 'gauge', jsonb_build_object('webhook', id, 'name', shown.name),
           coalesce(extract(epoch from clock() - since), 0)
      from shown left join waiting on webhook_id = id
    union all
    select 'webhook.token.lost', 'gauge', jsonb_build_object('webhook', id, 'name', shown.name), (access_lost_at is not null)::int
      from shown
  )
  select name, type, tags, value from series where value is not null
$$;

comment on function current_metrics is 'The metrics that are made from tables: name, counter or gauge, labels, value. Of the busiest '
  'webhooks, ''of_webhooks'' of them, also one by one.';
