-- Prolongs the leases of the uploads that this process is at; answers which ones it still holds.
update upload
   set lease_until = now() + :?lease::interval
  from unnest(:?ids::bigint[], :?leases::int[]) as held (id, lease)
 where upload.id = held.id and upload.lease = held.lease and upload.lease_until is not null
returning upload.id
