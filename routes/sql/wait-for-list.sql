-- The list does not show the upload, but may only lag: when it has had its time, it is asked again, and then believed.
update upload
   set lease_until = null,
       next_try_at = unknown_since + :?settle::interval
 where id = :?id::bigint and lease = :?lease::int
