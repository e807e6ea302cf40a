-- Changes the fields of a webhook that the PATCH names. With a new token or counter, waiting uploads are due at once; the
-- counter is not changed while Metrika may have a file. Another kind of authentication comes with a new secret; the previous
-- one stays valid until the end of the grace period, in its own kind.
-- The uploads are locked before the webhook and in the order of their ids, as where Metrika's responses are recorded.
with held as materialized (
  select id
    from upload
   where webhook_id = :?form.id::uuid and next_attempt_at is not null
     and (:?form.login::text is not null or :?form.counter_id::bigint is not null)
   order by id
     for no key update
), wanted as (
  select id, coalesce((signing_key is not null) <> (:?form.auth::text = 'standard-webhooks'), false) as has_new_secret
    from webhook
   where id = :?form.id::uuid and (select count(*) from held) >= 0 -- after the uploads
     for no key update
), changed as (
  update webhook w
     set name                 = coalesce(:?form.name::text, name),
         description          = case when :?form.set_description::boolean then :?form.description::text else description end,
         counter_id           = coalesce(:?form.counter_id::bigint, counter_id),
         token                = coalesce(:?form.token::bytea, token),
         login                = coalesce(:?form.login::text, login),
         access_lost_at       = case when :?form.login::text is null then access_lost_at end,
         time_zone            = coalesce(:?form.time_zone::text, time_zone),
         requests_per_minute  = coalesce(:?form.requests_per_minute::integer, requests_per_minute),
         is_active            = coalesce(:?form.is_active::boolean, is_active),
         secret_hash          = case when has_new_secret then :?form.secret_hash::bytea else secret_hash end,
         signing_key          = case when has_new_secret then :?form.signing_key::bytea else signing_key end,
         previous_secret_hash = case when has_new_secret then secret_hash else previous_secret_hash end,
         previous_signing_key = case when has_new_secret then signing_key else previous_signing_key end,
         previous_valid_until = case when has_new_secret then clock() + :?form.grace::interval else previous_valid_until end,
         callback_url         = case when :?form.set_callback::boolean then :?form.callback_url::text else callback_url end,
         callback_key         = case when :?form.set_callback::boolean then :?form.callback_key::bytea else callback_key end,
         updated_at           = clock()
    from wanted
   where w.id = wanted.id
  returning w.id, has_new_secret
), waiting as (
  update upload
     set next_attempt_at = clock(),
         counter_id  = case when state = 'planned' and unknown_since is null and lease_expires_at is null
                            then coalesce(:?form.counter_id::bigint, counter_id) else counter_id end
    from held, changed
   where upload.id = held.id
), audited as (
  insert into audit (actor, address, action, webhook_id, fields)
  select :?actor, :?address, 'update-webhook', id, :?form.fields::text[] from changed
)
select has_new_secret from changed
