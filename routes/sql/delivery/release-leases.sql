-- Releases the leases of a process that stops. Where a POST was under way, the next holder looks up its outcome. Uploads are
-- locked in the order of their ids.
with calls as (
  delete from in_flight_call where id = any (?::bigint[])
), held as materialized (
  select upload.id
    from unnest(?::bigint[], ?::int[]) as h (id, claim_number)
    join upload on upload.id = h.id and upload.claim_number = h.claim_number
   where upload.lease_expires_at is not null and upload.state = 'planned'
   order by upload.id
     for no key update of upload
)
update upload
   set unknown_since = clock(), lease_expires_at = null, next_attempt_at = clock()
  from held
 where upload.id = held.id
