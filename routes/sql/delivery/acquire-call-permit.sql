-- Takes a call out of Metrika's quotas. Returns its number as call, or, when none is left, reason and pause (seconds).
-- Questions for a counter or its goals count as polls, and leave the last of the calls at once to uploads and polls.
select call, reason, pause
  from acquire_call_permit(:?metrika_account.login, :?metrika_account.counter_id::bigint,
                           :?operation in ('post-upload', 'find-upload'), :?{{upload.lease}}::interval,
                           :?{{metrika.calls-at-once}}::int
                             - (:?operation in ('read-counter', 'read-goals', 'create-goal')
                                and :?{{metrika.calls-at-once}}::int > 1)::int,
                           :?{{metrika.calls-per-second}}::int, :?{{metrika.calls-per-day}}::int)
