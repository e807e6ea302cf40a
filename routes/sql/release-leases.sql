-- A process that stops gives back what it holds. Where a POST was under way, its outcome is looked up by who comes next.
with calls as (
  delete from call_under_way where id = any (?::bigint[])
)
update upload
   set unknown_since = clock(), lease_until = null, next_try_at = clock()
  from unnest(?::bigint[], ?::int[]) as held (id, lease)
 where upload.id = held.id and upload.lease = held.lease and upload.lease_until is not null and upload.state = 'planned'
