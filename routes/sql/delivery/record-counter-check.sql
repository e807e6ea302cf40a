-- Records what Metrika has said of a counter and its goals. The next check comes after counter-check.interval, sooner or later by a
-- fifth, so that counters that were checked together are not checked together again. Returns the outcome and what it was before.
with answer as (
  select :?counter::jsonb as counter, :?answer::jsonb as goals
), verdict as (
  select case when counter->>'status' = 'Deleted' then 'counter_not_found'
              when counter->>'permission' in ('view', 'analyst', 'view_access_filter', 'analyst_access_filter') then 'no_access'
              else 'ok' end as outcome,
         counter->>'name' as name, counter->>'time_zone' as time_zone, counter->>'permission' as permission, goals
    from answer
), before as materialized (
  select outcome
    from counter_check
   where counter_id = :?metrika_account.counter_id::bigint and login = :?metrika_account.login
     for no key update
)
update counter_check c
   set outcome           = verdict.outcome,
       since             = case when before.outcome is distinct from verdict.outcome then clock() else since end,
       checked_at        = clock(),
       detail            = null,
       counter_name      = verdict.name,
       counter_time_zone = verdict.time_zone,
       permission        = verdict.permission,
       goals             = verdict.goals,
       goals_read_at     = clock(),
       next_check_at     = clock() + :?{{counter-check.interval}}::interval * (0.8 + 0.4 * random())
  from verdict, before
 where counter_id = :?metrika_account.counter_id::bigint and login = :?metrika_account.login
returning c.outcome, before.outcome as outcome_before, jsonb_array_length(c.goals) as goals,
          counter_problem(c.outcome, c.counter_id, c.permission, c.detail) as problem
