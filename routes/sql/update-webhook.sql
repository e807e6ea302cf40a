-- Changes what the PATCH names. A new token or counter starts what waits for it again at once; a counter is not changed
-- under a file that Metrika may already have.
with changed as (
  update webhook
     set name                = coalesce(:?name::text, name),
         description         = case when :?set_description::boolean then :?description::text else description end,
         counter_id          = coalesce(:?counter_id::bigint, counter_id),
         token               = coalesce(:?token::bytea, token),
         login               = coalesce(:?login::text, login),
         access_lost_at      = case when :?login::text is null then access_lost_at end,
         time_zone           = coalesce(:?time_zone::text, time_zone),
         requests_per_minute = coalesce(:?requests_per_minute::integer, requests_per_minute),
         is_active           = coalesce(:?is_active::boolean, is_active),
         updated_at          = clock()
   where id = :?id::uuid
  returning id
), waiting as (
  update upload
     set next_try_at = clock(),
         counter_id  = case when state = 'planned' and unknown_since is null and lease_until is null
                            then coalesce(:?counter_id::bigint, counter_id) else counter_id end
    from changed
   where upload.webhook_id = changed.id
     and upload.next_try_at is not null
     and (:?login::text is not null or :?counter_id::bigint is not null)
)
select id from changed
