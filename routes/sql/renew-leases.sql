-- Prolongs the leases of the uploads and of the calls that this process is at; answers which uploads it still holds. One of
-- a webhook that was deleted meanwhile is held no more.
with calls as (
  update call_under_way set until = clock() + :?lease::interval where id = any (:?calls::bigint[])
)
update upload
   set lease_until = clock() + :?lease::interval
  from unnest(:?ids::bigint[], :?leases::int[]) as held (id, lease)
 where upload.id = held.id and upload.lease = held.lease and upload.lease_until is not null
   and exists (select from webhook where webhook.id = upload.webhook_id)
returning upload.id
