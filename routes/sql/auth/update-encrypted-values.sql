-- Replaces the encrypted values of a webhook by the same values under the new key, unless a running process has changed them
-- meanwhile.
update webhook
   set token = ?, signing_key = ?, previous_signing_key = ?, callback_key = ?
 where id = ? and token = ? and signing_key is not distinct from ? and previous_signing_key is not distinct from ?
   and callback_key is not distinct from ?
