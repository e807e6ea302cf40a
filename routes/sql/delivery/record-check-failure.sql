-- Records why a counter could not be checked. What was read before stays. Where Metrika was not reached, it is asked again after a sixth
-- of counter-check.interval, else after all of it; never before Retry-After. A check that was put off to stay within the quotas is
-- none. Returns the outcome and what it was before.
with before as materialized (
  select outcome
    from counter_check
   where counter_id = :?metrika_account.counter_id::bigint and login = :?metrika_account.login
     for no key update
), verdict as (
  select outcome as outcome_before,
         case when :?failure.own_quota::boolean then outcome else :?failure.outcome end as outcome
    from before
)
update counter_check c
   set outcome       = verdict.outcome,
       since         = case when outcome_before is distinct from verdict.outcome then clock() else since end,
       checked_at    = case when :?failure.own_quota::boolean then checked_at else clock() end,
       permission    = case when not :?failure.own_quota::boolean and verdict.outcome in ('token_invalid', 'no_access', 'counter_not_found')
                            then null else permission end,
       detail        = case when :?failure.own_quota::boolean then detail else :?failure.detail end,
       next_check_at = clock() + greatest(case when :?failure.own_quota::boolean then interval '1 minute'
                                               when verdict.outcome = 'unreachable' then :?{{counter-check.interval}}::interval / 6
                                               else :?{{counter-check.interval}}::interval end * (0.8 + 0.4 * random()),
                                          coalesce(:?failure.retry_after::float8, 0) * interval '1 second')
  from verdict
 where counter_id = :?metrika_account.counter_id::bigint and login = :?metrika_account.login
returning c.outcome, outcome_before, counter_problem(c.outcome, c.counter_id, c.permission, c.detail) as problem
