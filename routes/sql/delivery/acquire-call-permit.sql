-- Takes a call out of Metrika's quotas. Returns its number as call, or, when none is left, reason and pause (seconds).
select call, reason, pause
  from acquire_call_permit(:?metrika_account.login, :?metrika_account.counter_id::bigint,
                           :?operation in ('post-upload', 'find-upload'), :?{{upload.lease}}::interval,
                           :?{{metrika.calls-at-once}}::int, :?{{metrika.calls-per-second}}::int, :?{{metrika.calls-per-day}}::int)
