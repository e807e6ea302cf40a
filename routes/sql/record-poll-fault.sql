-- Metrika could not be asked, or did not answer, about these uploads: it shows in their batches' errors until it can.
update upload
   set next_try_at = greatest(next_try_at, now() + coalesce(
                       :?retry_after::float8 * interval '1 second',
                       case when :?outcome = 'access-lost' then interval '1 hour' else interval '1 minute' end)),
       errors      = jsonb_build_array(jsonb_build_object(
                       'code', :?code::text, 'message', :?message::text,
                       'at', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))),
       updated_at  = now()
 where counter_id = :?counter_id::bigint
   and metrika_upload_id = any (string_to_array(:?uploadings, ',')::bigint[])
   and state in ('uploaded', 'processing')
