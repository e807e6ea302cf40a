-- Selects all values that are stored encrypted.
select id, token, signing_key, previous_signing_key, callback_key from webhook order by id
