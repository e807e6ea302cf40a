-- An upload that could not be sent: what happened, and when it is tried again. The pauses grow, with jitter, from
-- seconds to an hour; Metrika's own wish (retry_after) comes first; without access a token has to be given first, so
-- it is tried seldom; a rejected file is not tried again.
-- unknown: the POST may have arrived. A failure before the POST leaves what was known before.
update upload
   set state         = case when :?outcome = 'rejected' then 'error' else state end,
       next_try_at   = case when :?outcome = 'rejected' then null
                            else now() + coalesce(
                                   :?retry_after::float8 * interval '1 second',
                                   case when :?outcome = 'access-lost' then interval '1 hour'
                                        else least(interval '1 hour', interval '5 seconds' * 2 ^ least(attempts - 1, 12)) end)
                                 * (1 + random() * 0.2) end,
       unknown_since = case when not :?posted::boolean then unknown_since
                            when :?outcome = 'unknown' then now() end,
       lease_until   = null,
       errors        = (select jsonb_agg(entry order by place)
                          from jsonb_array_elements(coalesce(errors, '[]') || jsonb_build_array(jsonb_build_object(
                                 'code', :?code::text, 'message', :?message::text,
                                 'at', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))))
                               with ordinality as history (entry, place)
                         where place > jsonb_array_length(coalesce(errors, '[]')) - 4),
       updated_at    = now()
 where id = :?id::bigint and lease = :?lease::int
