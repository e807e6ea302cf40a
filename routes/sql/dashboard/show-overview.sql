-- Selects what needs a person, and where all conversions are: by the tallies, so that it costs the same however many there are.
with counted as materialized (
  table tally_of_all
), linkage as (
  select coalesce(sum(quantity) filter (where outcome = 'linked'), 0) as linked,
         coalesce(sum(quantity) filter (where outcome = 'unlinked'), 0) as unlinked
    from counted
), total as (
  select coalesce(sum(quantity) filter (where outcome in ('accepted', 'duplicate')), 0) as received,
         coalesce(sum(case when outcome = 'accepted' then quantity else -quantity end)
                    filter (where outcome in ('accepted', 'in_flight', 'completed', 'error', 'withdrawn', 'expired', 'erased')),
                  0) as waiting,
         coalesce(sum(quantity) filter (where outcome = 'in_flight'), 0) as in_flight,
         coalesce(sum(quantity) filter (where outcome in ('error', 'expired')), 0) as error,
         (select count(*) from webhook) as webhooks
    from counted
), caller as (
  select login, (array_agg(name order by name, id))[1:3] as names, count(*) as webhooks, coalesce(max(calls), 0) as calls
    from webhook
    left join daily_calls on owner = 'login:' || login and day = (clock() at time zone 'UTC')::date
   group by login
   order by calls desc, names
   limit 50
)
select row_to_json(page)::text
  from (select utc_text(clock()) as at,
               (select webhooks from total) as webhooks,
               (select extract(epoch from clock() - min(since))::bigint from waiting_since) as oldest_waiting,
               (select row_to_json(figures) from (select * from total, linkage) as figures) as total,
               coalesce((select json_agg(json_build_object('names', names, 'more', greatest(webhooks - 3, 0), 'used', calls,
                                                           'left', greatest(:?{{metrika.calls-per-day}}::integer - calls, 0))
                                         order by calls desc, names)
                           from caller), '[]') as calls,
               coalesce((select json_agg(incident order by since, kind, subject)
                           from (select kind, subject, webhook_id, utc_text(opened_at) as since, details ->> 'webhook_name' as webhook_name,
                                        details ->> 'source' as source, (details ->> 'conversions')::numeric as conversions,
                                        case when kind = 'token_lost' then (
                                               select json_agg(json_build_object('webhook_id', id, 'name', name) order by name, id)
                                                 from (select id, name
                                                         from webhook
                                                        where access_lost_at is not null and starts_with(login, subject)
                                                        order by name, id
                                                        limit 50) as lost) end as webhooks
                                   from incident
                                  where closed_at is null
                                  order by opened_at
                                  limit 100) as incident), '[]') as incidents) as page
