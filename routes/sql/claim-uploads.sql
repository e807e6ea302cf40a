-- Takes uploads that are due, the ones closest to Metrika's 21 days first, for the length of a lease. A lease that was
-- left behind, or a call whose outcome nobody learned, means that Metrika may have the file: unknown_since says so.
with due as (
  select id, lease_until
    from upload
   where state = 'planned' and next_try_at <= now() and (lease_until is null or lease_until <= now())
   order by earliest, id
   limit :?limit
     for update skip locked
)
update upload u
   set lease         = u.lease + 1,
       lease_until   = now() + :?lease::interval,
       attempts      = u.attempts + 1,
       unknown_since = coalesce(due.lease_until, u.unknown_since)
  from due
  join upload o on o.id = due.id
  join webhook w on w.id = o.webhook_id
 where u.id = due.id
returning u.id, u.lease, u.webhook_id, u.counter_id, u.tag, u.conversions, u.attempts, w.token,
          u.unknown_since is not null as unknown
