-- Incidents: what needs a person. They follow from what the tables say at a moment, so that none is forgotten when a process dies,
-- and each ends when its cause is gone. One for each cause: a hundred webhooks of a login that has lost its token are one.

create or replace function incident_kinds() returns text[] language sql immutable
return array['token_lost', 'counter_gone', 'batches_in_error', 'upload_stuck', 'link_rate_fallen', 'source_away', 'source_silent',
             'quota_gone', 'deadline_near', 'database_trouble', 'disk_trouble'];

create or replace function waiting_of(webhooks uuid[]) returns bigint language sql stable as $$
  select coalesce(sum(case when outcome = 'accepted' then quantity else -quantity end), 0)::bigint
    from tally_now
   where webhook_id = any (webhooks)
     and outcome in ('accepted', 'in_flight', 'completed', 'error', 'withdrawn', 'expired', 'erased')
$$;

comment on function waiting_of is 'How many conversions of some webhooks wait to be sent, by the tallies.';

-- Of each webhook with something to send: since when the oldest of it waits (what may not be sent yet does not), and the oldest
-- date_time. Of the batches of no upload the first thousand are looked at: later ones came later.
create or replace view waiting_since as
select webhook.id as webhook_id, webhook.login, least(planned.since, accepted.since) as since,
       least(planned.oldest_event_at, accepted.oldest_event_at) as oldest_event_at
  from webhook
 cross join lateral (
   select min((select batch.created_at from batch where batch.upload_id = upload.id order by batch.id limit 1)) as since,
          min(upload.oldest_event_at) as oldest_event_at
     from upload
    where upload.webhook_id = webhook.id and upload.state = 'planned' and upload.kept_status is null) as planned
 cross join lateral (
   select min(greatest(first.created_at, first.ready_at)) filter (where first.ready_at <= clock()) as since,
          min(first.oldest_event_at) as oldest_event_at
     from (select created_at, ready_at, oldest_event_at
             from batch
            where batch.webhook_id = webhook.id and upload_id is null and withdrawn_at is null
            order by id
            limit 1000) as first) as accepted
 where planned.oldest_event_at is not null or accepted.oldest_event_at is not null;

comment on view waiting_since is 'What waits to be sent: since when, and the oldest date_time, by webhook.';

-- The webhook where it is one; else the first three names, and how many there are.
create or replace function webhooks_of(webhooks uuid[]) returns jsonb language sql stable as $$
  select jsonb_build_object('webhooks', cardinality(webhooks), 'webhook_name',
           (select string_agg(name, ', ' order by place)
              from (select name, row_number() over (order by name) as place from webhook where id = any (webhooks)) as named
             where place <= 3))
$$;

create or replace function current_incidents(source_away interval)
returns table (kind text, subject text, webhook_id uuid, since timestamptz, details jsonb) language sql stable as $$
  with failing as materialized (
    select upload.webhook_id, upload.counter_id, upload.state, upload.batch_conversions, upload.conversions, upload.updated_at,
           upload.errors -> -1 ->> 'code' as code, upload.metrika_upload_id, webhook.login
      from upload
      join webhook on webhook.id = upload.webhook_id
     where upload.state not in ('completed', 'replaced') and upload.errors is not null and upload.batch_conversions > 0
  )
  select 'token_lost', left(w.login, 12), case when count(*) = 1 then min(w.id::text)::uuid end,
         min(least(access_lost_at, c.since)),
         webhooks_of(array_agg(w.id)) || jsonb_build_object('conversions', waiting_of(array_agg(w.id)))
    from webhook w
    left join counter_check c on c.counter_id = w.counter_id and c.login = w.login and c.outcome in ('token_invalid', 'no_access')
   where access_lost_at is not null or c.outcome is not null
   group by w.login
  union all
  select 'counter_gone', counter_id::text, case when count(distinct webhook_id) = 1 then min(webhook_id::text)::uuid end, min(since),
         webhooks_of(array_agg(distinct webhook_id))
           || jsonb_strip_nulls(jsonb_build_object('counter_id', counter_id, 'conversions', sum(conversions), 'code', max(code)))
    from (select f.webhook_id, counter_id, updated_at as since, batch_conversions as conversions, code
            from failing f
           where code in ('not_found', 'http_404', 'counter_gone')
          union all
          select w.id, w.counter_id, c.since, 0, null
            from webhook w
            join counter_check c on c.counter_id = w.counter_id and c.login = w.login and c.outcome = 'counter_not_found') as gone
   group by counter_id
  union all
  select 'batches_in_error', f.webhook_id::text, f.webhook_id, min(updated_at),
         webhooks_of(array[f.webhook_id])
           || jsonb_build_object('conversions', sum(batch_conversions), 'uploads', count(*),
                                 'code', mode() within group (order by code))
    from failing f
   where state in ('error', 'expired') and coalesce(code, '') not in ('not_found', 'http_404', 'counter_gone')
   group by f.webhook_id
  union all
  select 'upload_stuck', f.webhook_id::text, f.webhook_id, min(updated_at),
         webhooks_of(array[f.webhook_id])
           || jsonb_build_object('conversions', sum(batch_conversions), 'uploads', count(*),
                                 'metrika_upload_id', min(metrika_upload_id)::text)
    from failing f
   where state = 'processing' and code = 'stuck'
   group by f.webhook_id
  union all
  select 'source_away', source, null, min(failing_since), jsonb_build_object('source', source, 'reason', max(failure))
    from (select source, failing_since, failure from source_cursor
          union all
          select source, since, reason from source_trouble where seen_at > clock() - interval '2 minutes') as troubled
   where failing_since <= clock() - source_away
   group by source
  union all
  select 'quota_gone', left(login, 12), case when count(distinct f.webhook_id) = 1 then min(f.webhook_id::text)::uuid end,
         min(updated_at),
         webhooks_of(array_agg(distinct f.webhook_id)) || jsonb_build_object('conversions', sum(conversions))
    from failing f
   where state = 'planned' and code in ('quota_of_the_day', 'quota_requests_by_uid', 'quota_requests_by_counter_id')
   group by login
  union all
  select case code when 'disk' then 'disk_trouble' else 'database_trouble' end, 'all', null, min(updated_at),
         jsonb_build_object('conversions', sum(conversions), 'uploads', count(*))
    from failing
   where state = 'planned' and code in ('disk', 'database')
   group by code
$$;

comment on function current_incidents is 'What needs a person at this moment, as the tables say it.';

-- Read from eight days of tallies, so not every few seconds.
create or replace function current_trends(silent_after interval, link_rate float8, deadline interval)
returns table (kind text, subject text, webhook_id uuid, since timestamptz, details jsonb) language sql stable as $$
  with linkage as (
    select t.webhook_id, sum(quantity) filter (where outcome = 'linked' and is_now) as linked, sum(quantity) filter (where is_now) as processed,
           sum(quantity) filter (where outcome = 'linked' and not is_now) as linked_before,
           sum(quantity) filter (where not is_now) as processed_before
      from tally t
     cross join lateral (select hour >= clock() - interval '24 hours' as is_now) as at
     where hour >= clock() - interval '8 days' and outcome in ('linked', 'unlinked')
     group by t.webhook_id
  )
  select 'link_rate_fallen', linkage.webhook_id::text, linkage.webhook_id, clock(),
         webhooks_of(array[linkage.webhook_id])
           || jsonb_build_object('rate', round(coalesce(linked, 0) / processed, 3),
                                 'usual_rate', round(linked_before / processed_before, 3),
                                 'conversions', processed - coalesce(linked, 0))
    from linkage
    join webhook on webhook.id = linkage.webhook_id
   where processed >= 100 and processed_before >= 100
     and coalesce(linked, 0)::float8 / processed < linked_before::float8 / processed_before * link_rate
  union all
  -- What comes late is sent at once, so it is none before it has waited
  select 'deadline_near', w.webhook_id::text, w.webhook_id, clock(),
         webhooks_of(array[w.webhook_id])
           || jsonb_build_object('deadline', utc_text(oldest_event_at + interval '21 days'),
                                 'conversions', waiting_of(array[w.webhook_id]))
    from waiting_since w
   where w.since <= clock() - interval '1 hour'
     and oldest_event_at between clock() - interval '21 days' and clock() - interval '21 days' + deadline
  union all
  -- Usually: on each of the seven days before
  select 'source_silent', usual.source || ' ' || usual.webhook_id, usual.webhook_id, last.seen,
         webhooks_of(array[usual.webhook_id]) || jsonb_build_object('source', usual.source, 'last_seen', utc_text(last.seen))
    from (select t.webhook_id, source
            from tally t
            join webhook on webhook.id = t.webhook_id
           where outcome in ('accepted', 'duplicate') and hour < clock() - silent_after
             and hour >= clock() - silent_after - interval '6 days'
           group by t.webhook_id, source
          having count(distinct (hour at time zone 'UTC')::date) >= 6) as usual
   cross join lateral (
     select max(changed_at) as seen
       from tally_total t
      where t.webhook_id = usual.webhook_id and t.source = usual.source and t.outcome in ('accepted', 'duplicate')) as last
   where last.seen < clock() - silent_after
$$;

comment on function current_trends is 'What is not as it usually is: as current_incidents, from the tallies of eight days.';

-- An incident that is open and still there is told of again when it is due. Returns what was told.
create or replace function record_incidents(of_kinds text[], seen jsonb, remind interval)
returns table (type text, kind text, subject text, webhook_id uuid, details jsonb) language plpgsql as $$
#variable_conflict use_column
begin
  if not pg_try_advisory_xact_lock(hashtextextended('incidents', 0)) then
    return; -- another process is at it
  end if;
  return query
    with present as materialized (
      select * from jsonb_to_recordset(seen) as f (kind text, subject text, webhook_id uuid, since timestamptz, details jsonb)
    ), opened as (
      insert into incident (kind, subject, webhook_id, details, opened_at)
      select kind, subject, webhook_id, details, since
        from present
       where not exists (select from incident i where i.closed_at is null and i.kind = present.kind and i.subject = present.subject)
      returning *
    ), kept as (
      update incident
         set details     = present.details,
             webhook_id  = present.webhook_id,
             reminded_at = case when reminded_at <= clock() - remind then clock() else reminded_at end
        from present
       where closed_at is null and incident.kind = present.kind and incident.subject = present.subject
         and (reminded_at <= clock() - remind or incident.details <> present.details
              or incident.webhook_id is distinct from present.webhook_id)
      returning incident.*
    ), closed as (
      update incident
         set closed_at = clock()
       where closed_at is null and kind = any (of_kinds)
         and not exists (select from present where present.kind = incident.kind and present.subject = incident.subject)
      returning *
    ), told as (
      select 'incident.opened' as type, * from opened
      union all
      select 'incident.still_open', * from kept where reminded_at = clock()
      union all
      select 'incident.closed', * from closed
    ), written as (
      insert into event (type, incident_id, webhook_id, data)
      select told.type, id, webhook_id,
             details || jsonb_strip_nulls(jsonb_build_object(
               'incident_id', id, 'kind', kind, 'subject', subject, 'since', utc_text(opened_at),
               'until', utc_text(closed_at), 'webhook_id', webhook_id))
        from told
    )
    select told.type, kind, subject, webhook_id, details from told;
end
$$;

comment on function record_incidents is 'Opens, keeps and closes incidents by what was seen of some kinds, and writes the news of it '
  'in the same transaction. Returns what is new.';
