-- What is needed to let a sender in.
select id, counter_id, time_zone, requests_per_minute, is_active, secret_hash,
       case when previous_valid_until > clock() then previous_secret_hash end as previous_secret_hash
  from webhook
 where id = ?
