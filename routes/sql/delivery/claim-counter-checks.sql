-- Claims the counters that are due to be checked, each once for all webhooks with the same token. A process that dies here costs two
-- minutes. Of a login no more are claimed than leave polling a hundredth of the day's calls: checks can wait, polls go first. In all
-- no more than there are idle threads, those first that have waited longest.
with due as (
  select counter_id, login, coalesce(min(c.next_check_at), '-infinity') as since
    from webhook
    left join counter_check c using (counter_id, login)
   where webhook.is_active and coalesce(c.next_check_at <= clock(), true)
   group by counter_id, login
), budget as materialized (
  select login,
         calls_left('login:' || login, false, :?{{metrika.calls-per-day}}::int) - 0.01 * :?{{metrika.calls-per-day}}::int as calls
    from (select distinct login from due) as logins
), turn as (
  select counter_id, login
    from (select due.*, row_number() over (partition by login order by since, counter_id) as place from due) as placed
    join budget using (login)
   where 2 * place <= calls
   order by since
   limit :?max_checks::int
), claimed as (
  insert into counter_check as c (counter_id, login, next_check_at)
  select counter_id, login, clock() + interval '2 minutes' from turn order by counter_id, login
      on conflict (counter_id, login) do update set next_check_at = excluded.next_check_at where c.next_check_at <= clock()
  returning c.counter_id, c.login
)
select distinct on (counter_id, login) counter_id, login, webhook.id as webhook_id, webhook.token
  from claimed
  join webhook using (counter_id, login)
 where webhook.is_active
 order by counter_id, login, webhook.id
