-- Inserts a webhook. The secret comes as its hash; the token and the keys of signatures come encrypted.
with created as (
  insert into webhook (id, name, description, counter_id, token, login, time_zone, requests_per_minute, secret_hash, signing_key,
                       callback_url, callback_key)
  values (:?form.id, :?form.name, :?form.description, :?form.counter_id, :?form.token, :?form.login, :?form.time_zone, :?form.requests_per_minute, :?form.secret_hash,
          :?form.signing_key::bytea, :?form.callback_url::text, :?form.callback_key::bytea)
  returning id
)
insert into audit (actor, address, action, webhook_id, fields)
select :?actor, :?address, 'create-webhook', id, :?form.fields::text[] from created
