-- Changes what the PATCH names. A new token or counter starts what waits for it again at once; a counter is not changed
-- under a file that Metrika may already have. Another way to be let in comes with a new secret; the one before stays valid
-- until the grace has passed, in its own way.
-- The uploads are locked before the webhook, and in the order of their ids, as it is done where Metrika's answers are recorded.
with held as materialized (
  select id
    from upload
   where webhook_id = :?id::uuid and next_attempt_at is not null
     and (:?login::text is not null or :?counter_id::bigint is not null)
   order by id
     for no key update
), wanted as (
  select id, coalesce((signing_key is not null) <> (:?auth::text = 'standard-webhooks'), false) as has_new_secret
    from webhook
   where id = :?id::uuid and (select count(*) from held) >= 0 -- after the uploads
     for no key update
), changed as (
  update webhook w
     set name                 = coalesce(:?name::text, name),
         description          = case when :?set_description::boolean then :?description::text else description end,
         counter_id           = coalesce(:?counter_id::bigint, counter_id),
         token                = coalesce(:?token::bytea, token),
         login                = coalesce(:?login::text, login),
         access_lost_at       = case when :?login::text is null then access_lost_at end,
         time_zone            = coalesce(:?time_zone::text, time_zone),
         requests_per_minute  = coalesce(:?requests_per_minute::integer, requests_per_minute),
         is_active            = coalesce(:?is_active::boolean, is_active),
         secret_hash          = case when has_new_secret then :?secret_hash::bytea else secret_hash end,
         signing_key          = case when has_new_secret then :?signing_key::bytea else signing_key end,
         previous_secret_hash = case when has_new_secret then secret_hash else previous_secret_hash end,
         previous_signing_key = case when has_new_secret then signing_key else previous_signing_key end,
         previous_valid_until = case when has_new_secret then clock() + :?grace::interval else previous_valid_until end,
         updated_at           = clock()
    from wanted
   where w.id = wanted.id
  returning w.id, has_new_secret
), waiting as (
  update upload
     set next_attempt_at = clock(),
         counter_id      = case when state = 'planned' and unknown_since is null and lease_expires_at is null
                                then coalesce(:?counter_id::bigint, counter_id) else counter_id end
    from held, changed
   where upload.id = held.id
), audited as (
  insert into audit (actor, address, action, webhook_id, fields)
  select :?actor, :?address, 'update-webhook', id, :?fields::text[] from changed
)
select has_new_secret from changed
