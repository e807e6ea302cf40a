-- The new secret's hash; the one before stays valid until the grace has passed.
update webhook
   set previous_secret_hash = secret_hash,
       previous_valid_until = now() + :?grace::interval,
       secret_hash          = :?secret_hash,
       updated_at           = now()
 where id = :?id::uuid
returning to_char(previous_valid_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as previous_valid_until
