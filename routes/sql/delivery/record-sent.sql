-- Records the id that Metrika gave an upload. Only the holder of the lease may do so.
with sent as (
  update upload
     set state             = 'uploaded',
         metrika_upload_id = (:?answer::jsonb -> 'uploading' ->> 'id')::bigint,
         metrika_status    = :?answer::jsonb -> 'uploading' ->> 'status',
         source_quantity   = (:?answer::jsonb -> 'uploading' ->> 'source_quantity')::bigint,
         line_quantity     = (:?answer::jsonb -> 'uploading' ->> 'line_quantity')::bigint,
         errors            = case when kept_status is not null then errors end,
         failure_count     = 0,
         unknown_since     = null,
         lease_expires_at  = null,
         sent_at           = clock(),
         next_attempt_at   = clock(),
         updated_at        = clock()
   where id = :?upload.id::bigint and claim_number = :?upload.claim_number::int and state = 'planned'
  returning id, webhook_id, metrika_upload_id
), access as (
  update webhook set access_lost_at = null
    from sent
   where webhook.id = sent.webhook_id and access_lost_at is not null
)
select id, metrika_upload_id from sent
