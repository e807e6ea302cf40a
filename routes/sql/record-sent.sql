-- Metrika took the file and gave it an id. Only the holder of the lease may say so.
update upload
   set state             = 'uploaded',
       metrika_upload_id = (:?answer::jsonb -> 'uploading' ->> 'id')::bigint,
       metrika_status    = :?answer::jsonb -> 'uploading' ->> 'status',
       source_quantity   = (:?answer::jsonb -> 'uploading' ->> 'source_quantity')::bigint,
       line_quantity     = (:?answer::jsonb -> 'uploading' ->> 'line_quantity')::bigint,
       errors            = null,
       unknown_since     = null,
       lease_until       = null,
       sent_at           = now(),
       next_try_at       = now(),
       updated_at        = now()
 where id = :?id::bigint and lease = :?lease::int and state = 'planned'
