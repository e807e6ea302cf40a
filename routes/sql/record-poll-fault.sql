-- Metrika could not be asked, or did not answer, about these uploads: it shows in their batches' errors until it can.
-- A question that was only put off to stay within the quotas is no error.
update upload
   set next_try_at = greatest(next_try_at, clock() + coalesce(
                       :?retry_after::float8 * interval '1 second',
                       case when :?outcome = 'access-lost' then interval '1 hour' else interval '1 minute' end)),
       errors      = case when :?code like 'quota_of_%' or :?code = 'quota_at_once' then errors
                          else jsonb_build_array(problem(:?code, :?message)) end,
       updated_at  = clock()
 where counter_id = :?counter_id::bigint
   and metrika_upload_id = any (string_to_array(:?uploadings::text, ',')::bigint[])
   and state in ('uploaded', 'processing')
