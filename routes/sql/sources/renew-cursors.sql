-- Renews the leases of the sources whose rows this process is storing. One that somebody has locked waits for the next run; one
-- that was lost, or whose cursor was set, has another claim number and is left alone.
with held as (
  select * from unnest(:?pulls.sources::text[], :?pulls.claim_numbers::bigint[]) as h (source, claim_number)
), free as materialized (
  select c.source
    from source_cursor c
    join held using (source, claim_number)
   where c.lease_expires_at is not null
   order by c.source
     for no key update of c skip locked
)
update source_cursor
   set lease_expires_at = clock() + :?{{pull.lease}}::interval
 where source = any (array(select source from free))
