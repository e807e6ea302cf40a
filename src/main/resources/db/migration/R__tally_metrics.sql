-- Metrics that are made from tables. They are computed for all processes by one, every few seconds, from the tallies and what waits:
-- never from the batches that are over.

create or replace function current_metrics(of_webhooks integer, calls_a_day integer)
returns table (name text, type text, tags jsonb, value float8) language sql stable as $$
  with part as not materialized (
    select webhook_id, source, outcome, code, quantity from tally_total
    union all
    select webhook_id, source, outcome, code, quantity from tally_change
  ), total as materialized (
    select webhook.id is not null as is_current, source, outcome, code, sum(quantity) as quantity
      from part
      left join webhook on webhook.id = webhook_id
     group by 1, source, outcome, code
  ), waiting as materialized (
    select webhook_id, since, oldest_event_at from waiting_since
  ), busiest as materialized (
    select webhook_id
      from tally_total
      join webhook on webhook.id = webhook_id
     where outcome = 'accepted'
     group by webhook_id
     order by sum(quantity) desc, webhook_id
     limit of_webhooks
  ), shown as materialized (
    select webhook.id, webhook.name, webhook.access_lost_at, outcomes
      from webhook
     cross join lateral (
       select jsonb_object_agg(outcome, quantity) as outcomes
         from (select outcome, sum(quantity) as quantity from part where webhook_id = webhook.id group by outcome) as summed) as summed
     where webhook.id = any (array(select webhook_id from busiest))
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
    select 'conversions.waiting', 'gauge', '{}',
           coalesce(sum(case when outcome = 'accepted' then quantity else -quantity end), 0)
      from total
     where is_current
       and outcome in ('accepted', 'in_flight', 'completed', 'error', 'withdrawn', 'expired', 'erased')
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
    select 'webhook.' || metric.name, metric.type, jsonb_build_object('webhook', id, 'name', shown.name), metric.value
      from shown
      left join waiting on webhook_id = id
     cross join lateral (
       select coalesce((outcomes ->> 'accepted')::float8, 0) as accepted, coalesce((outcomes ->> 'duplicate')::float8, 0) as duplicate,
              coalesce((outcomes ->> 'in_flight')::float8, 0) as in_flight, coalesce((outcomes ->> 'completed')::float8, 0) as completed,
              coalesce((outcomes ->> 'error')::float8, 0) as error, coalesce((outcomes ->> 'expired')::float8, 0) as expired,
              coalesce((outcomes ->> 'withdrawn')::float8, 0) as withdrawn, coalesce((outcomes ->> 'erased')::float8, 0) as erased,
              coalesce((outcomes ->> 'linked')::float8, 0) as linked, coalesce((outcomes ->> 'unlinked')::float8, 0) as unlinked) as o
     cross join lateral (values
       ('conversions.received', 'counter', accepted + duplicate),
       ('conversions.linked', 'counter', linked),
       ('conversions.unlinked', 'counter', unlinked),
       ('conversions.waiting', 'gauge', accepted - in_flight - completed - error - expired - withdrawn - erased),
       ('conversions.error', 'gauge', error),
       ('conversions.waiting.oldest.seconds', 'gauge', coalesce(extract(epoch from clock() - since)::float8, 0)),
       ('token.lost', 'gauge', (access_lost_at is not null)::int)) as metric (name, type, value)
  )
  select name, type, tags, value from series where value is not null
$$;

comment on function current_metrics is 'The metrics that are made from tables: name, counter or gauge, labels, value. Of the busiest '
  'webhooks, ''of_webhooks'' of them, also one by one.';

-- One process computes them for all. Where that takes long, it is done less often: a twentieth of the time at the most.
create or replace function collect_metrics(of_webhooks integer, calls_a_day integer) returns jsonb language plpgsql as $$
declare
  began  timestamptz := clock_timestamp();
  result jsonb;
begin
  select metrics into result from metric_snapshot where next_at > clock();
  if found or not pg_try_advisory_xact_lock(hashtextextended('metrics', 0)) then
    return coalesce(result, (select metrics from metric_snapshot), '[]');
  end if;
  select jsonb_agg(metric) into result from current_metrics(of_webhooks, calls_a_day) as metric;
  insert into metric_snapshot (next_at, metrics)
  values (clock() + greatest(interval '4 seconds', 20 * (clock_timestamp() - began)), result)
      on conflict (id) do update set next_at = excluded.next_at, metrics = excluded.metrics;
  return result;
end
$$;

comment on function collect_metrics is 'The metrics that are made from tables, as JSON: those of another process where it has just '
  'computed them.';
