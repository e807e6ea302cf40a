-- Renews the leases of the uploads and the calls that this process is processing. Returns of each upload whether it is still
-- held, which is false after its webhook was deleted; of one that is locked, nothing: its lease stays as it is until the next
-- run, and delays no other.
with held as (
  select * from unnest(:?held.ids::bigint[], :?held.claim_numbers::int[]) as h (id, claim_number)
), free_calls as materialized (
  select id from in_flight_call where id = any (:?held.calls::bigint[]) order by id for update skip locked
), calls as (
  update in_flight_call set expires_at = clock() + :?{{upload.lease}}::interval where id in (select id from free_calls)
), free as materialized (
  select u.id
    from upload u
    join held on held.id = u.id and held.claim_number = u.claim_number
   where u.lease_expires_at is not null and exists (select from webhook where webhook.id = u.webhook_id)
   order by u.id
     for no key update of u skip locked
), renewed as (
  update upload
     set lease_expires_at = clock() + :?{{upload.lease}}::interval
    from free
   where upload.id = free.id
  returning upload.id
)
select id, true as is_held from renewed
union all
select held.id, false
  from held
 where not exists (select from upload u
                     join webhook on webhook.id = u.webhook_id
                    where u.id = held.id and u.claim_number = held.claim_number and u.lease_expires_at is not null)
