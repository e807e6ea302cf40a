-- Claims the counters whose uploads are due to be polled. The time of the next poll is set before this one is made, and the
-- interval grows with an upload's age, from the next run to half an hour: a process that dies here costs one poll.
-- One list has all uploads of a counter, so all of them are polled; only those that are due are polled by their id when the
-- list does not have them. Of a login no more counters are claimed than it has calls left for polling, and in all no more than
-- there are idle pollers: those first that have waited longest.
-- The token is of a webhook whose token Metrika accepts (access_lost_at is null), if there is one.
-- A page of the list has room for all of them, and for a few that others sent or that have ended since.
with due as (
  select upload.counter_id, webhook.login, min(upload.next_attempt_at) as since
    from upload
    join webhook on webhook.id = upload.webhook_id
   where upload.state in ('uploaded', 'processing') and upload.next_attempt_at <= clock()
   group by upload.counter_id, webhook.login
), budget as materialized (
  select login, calls_left('login:' || login, false, :?{{metrika.calls-per-day}}::int) as calls
    from (select distinct login from due) as logins
), turn as (
  select counter_id
    from (select counter_id, login, since, row_number() over (partition by login order by since, counter_id) as place
            from due) as placed
    join budget using (login)
   where place <= calls
   order by since
   limit :?max_counters::int
), claimed as materialized (
  -- As it stands now that it is locked: another process may have asked meanwhile
  select id, counter_id, next_attempt_at as since, next_attempt_at <= clock() as is_due
    from upload
   where state in ('uploaded', 'processing') and counter_id in (select counter_id from turn)
     for update skip locked
), asked as (
  update upload u
     set next_attempt_at = greatest(u.next_attempt_at, clock() + least(interval '30 minutes', (clock() - u.sent_at) * 0.2))
    from claimed
   where u.id = claimed.id and claimed.counter_id in (select counter_id from claimed where is_due)
  returning u.id, u.counter_id, u.webhook_id, u.metrika_upload_id, u.trace_parent, claimed.since, claimed.is_due
)
select distinct on (asked.counter_id)
       asked.counter_id, webhook.id as webhook_id, webhook.token, webhook.login,
       string_agg(asked.id::text, ',') over counter as uploads,
       string_agg(asked.trace_parent, ',') over counter as traces,
       string_agg(asked.metrika_upload_id::text, ',') over counter as uploadings,
       -- None, where the webhook of those that are due is being deleted
       coalesce(string_agg(asked.metrika_upload_id::text, ',') filter (where asked.is_due) over counter, '') as due,
       least(count(*) over counter + 20, 10000) as page_size, min(asked.since) over counter as due_since
  from asked
  join webhook on webhook.id = asked.webhook_id
window counter as (partition by asked.counter_id)
 order by asked.counter_id, webhook.access_lost_at nulls first, asked.is_due desc, webhook.updated_at desc
