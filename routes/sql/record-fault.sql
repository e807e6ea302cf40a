-- An upload that could not be sent: what happened, and when it is tried again. The pauses grow, with jitter, from
-- seconds to an hour; Metrika's own wish (retry_after) comes first; without access a token has to be given first, so
-- the webhook is tried once an hour; a rejected file is not tried again.
-- unknown: the POST may have arrived. A failure before the POST leaves what was known before.
with failed as (
  update upload
     set state         = case when :?outcome = 'rejected' then coalesce(standing, 'error') else state end,
         next_try_at   = case when :?outcome = 'rejected' then null
                              when :?outcome = 'access-lost' then clock()
                              else clock() + (1 + random() * 0.2) * coalesce(
                                     :?retry_after::float8 * interval '1 second',
                                     least(interval '1 hour', interval '5 seconds' * 2 ^ least(attempts - 1, 12))) end,
         unknown_since = case when not :?posted::boolean then unknown_since
                              when :?outcome = 'unknown' then clock() end,
         lease_until   = null,
         errors        = (select jsonb_agg(entry order by place)
                            from jsonb_array_elements(coalesce(errors, '[]') || problem(:?code, :?message))
                                 with ordinality as history (entry, place)
                           where place > jsonb_array_length(coalesce(errors, '[]')) - 4),
         updated_at    = clock()
   where id = :?id::bigint and lease = :?lease::int
  returning webhook_id
)
update webhook
   set access_lost_at = clock()
  from failed
 where webhook.id = failed.webhook_id and :?outcome = 'access-lost'
