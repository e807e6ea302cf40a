-- The same in another encryption, unless a running process has changed it meanwhile.
update webhook
   set token = ?, signing_key = ?, previous_signing_key = ?
 where id = ? and token = ? and signing_key is not distinct from ? and previous_signing_key is not distinct from ?
