-- Prolongs the leases of the uploads and of the calls that this process is at. Answers of each upload whether it is still
-- held, which one of a webhook that was deleted meanwhile is no more; of one that somebody has locked nothing: its lease stays
-- as it is until the next time, and holds up no other.
with held as (
  select * from unnest(:?held.ids::bigint[], :?held.leases::int[]) as h (id, lease)
), free_calls as materialized (
  select id from call_under_way where id = any (:?held.calls::bigint[]) order by id for update skip locked
), calls as (
  update call_under_way set until = clock() + :?held.lease::interval where id in (select id from free_calls)
), free as materialized (
  select u.id
    from upload u
    join held on held.id = u.id and held.lease = u.lease
   where u.lease_until is not null and exists (select from webhook where webhook.id = u.webhook_id)
   order by u.id
     for no key update of u skip locked
), renewed as (
  update upload
     set lease_until = clock() + :?held.lease::interval
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
                    where u.id = held.id and u.lease = held.lease and u.lease_until is not null)
