-- Metrika could not be asked, or did not answer, about these uploads: it shows in their batches' errors until it can.
-- The pauses grow with the failures, from a minute to an hour, and are never shorter than Metrika's own wish. A token that
-- was refused puts off those alone that it belongs to: others on the counter have their own. A question that was only put
-- off to stay within the quotas is no error.
-- Locked in the order of their ids, as settle-uploads does: another process may be at the same ones.
with asked as (
  select u.id
    from upload u
    join webhook w on w.id = u.webhook_id
   where (:?outcome <> 'access-lost' or w.login = :?login)
     and u.counter_id = :?counter_id::bigint
     and u.metrika_upload_id = any (string_to_array(:?uploadings::text, ',')::bigint[])
     and u.state in ('uploaded', 'processing')
   order by u.id
     for update of u
)
update upload u
   set next_try_at = greatest(u.next_try_at, clock() + case
                       when :?own_quota::boolean then :?retry_after::float8 * interval '1 second'
                       when :?outcome = 'access-lost' then greatest(:?retry_after::float8 * interval '1 second', interval '1 hour')
                       else greatest(:?retry_after::float8 * interval '1 second',
                                     least(interval '1 hour', interval '1 minute' * 2 ^ least(u.failures, 6))) end),
       failures    = u.failures + case when :?own_quota::boolean then 0 else 1 end,
       errors      = case when :?own_quota::boolean then u.errors else jsonb_build_array(problem(:?code, :?message)) end,
       updated_at  = clock()
  from asked
 where u.id = asked.id
