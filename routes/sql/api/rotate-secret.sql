-- Replaces the secret of a webhook: its hash, or the encrypted key of signed requests. The previous one stays valid until the
-- end of the grace period.
with rotated as (
  update webhook
     set previous_secret_hash = secret_hash,
         previous_signing_key = signing_key,
         previous_valid_until = clock() + :?form.grace::interval,
         secret_hash          = case when signing_key is null then :?form.sent_hash::bytea else :?form.signing_hash::bytea end,
         signing_key          = case when signing_key is not null then :?form.signing_key::bytea end,
         updated_at           = clock()
   where id = :?form.id::uuid
  returning id, previous_valid_until, signing_key is not null as signs
), audited as (
  insert into audit (actor, address, action, webhook_id, details)
  select :?actor, :?address, 'rotate-secret', id, jsonb_build_object('grace', :?form.grace::text) from rotated
)
select utc_text(previous_valid_until) as previous_valid_until, signs from rotated
