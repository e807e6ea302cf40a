-- Takes a call out of Metrika's quotas: call is its number, or reason and pause (seconds) say why there is none left.
select call, reason, pause
  from acquire_call_permit(:?login, :?counter_id::bigint, :?is_upload::boolean, :?lease::interval,
                 :?at_once::int, :?a_second::int, :?a_day::int)
