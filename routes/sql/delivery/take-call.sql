-- Takes a call out of Metrika's quotas: call is its number, or reason and pause (seconds) say why there is none left.
select call, reason, pause
  from acquire_call_permit(:?account.login, :?account.counter_id::bigint, :?operation in ('post-upload', 'find-upload'), :?lease::interval,
                 :?calls_at_once::int, :?calls_per_second::int, :?calls_per_day::int)
