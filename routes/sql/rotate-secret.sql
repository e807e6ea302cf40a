-- The new secret's hash; the one before stays valid until the grace has passed.
update webhook
   set previous_secret_hash = secret_hash,
       previous_valid_until = clock() + :?grace::interval,
       secret_hash          = :?secret_hash,
       updated_at           = clock()
 where id = :?id::uuid
returning iso(previous_valid_until) as previous_valid_until
