-- The list does not show the upload, but may only lag: ask again before sending again.
update upload
   set lease_until = null,
       next_try_at = least(unknown_since + :?settle::interval, clock() + interval '10 seconds')
 where id = :?id::bigint and lease = :?lease::int
