-- Selects of one webhook what authenticates its sender.
select id, counter_id, time_zone, requests_per_minute, is_active, version, secret_hash, signing_key,
       previous_secret_hash, previous_signing_key,
       case when previous_valid_until > clock() then extract(epoch from previous_valid_until - clock())::float8 end
         as previous_valid_seconds
  from webhook
 where id = ?
