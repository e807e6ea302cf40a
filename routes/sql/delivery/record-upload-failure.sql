-- Records why an upload could not be sent, and when it is tried again. The pauses grow with the failures, with jitter, from
-- seconds to an hour, and are never shorter than Retry-After (retry_after); where our own count of Metrika's quotas gives the
-- pause, nothing has failed. Without access a new token is needed, so the webhook is tried once an hour, unless its token has
-- changed by now; a rejected file is not tried again.
-- unknown: the POST may have arrived. A failure before the POST leaves what was known before. If the counter in which to look
-- for the file does not exist, three times in a row and for as long as the list needs to settle, there is no file either.
-- Returns how many batches are in it, and the first of them, for the log.
with counted as (
  select id, webhook_id, failure_count,
         case when :?failure.own_quota::boolean then refusal_count
              when :?failure.wrong_counter::boolean and not :?failure.posted::boolean then refusal_count + 1
              else 0 end as refusal_count,
         case when :?failure.own_quota::boolean then refused_since
              when :?failure.wrong_counter::boolean and not :?failure.posted::boolean then coalesce(refused_since, clock()) end as refused_since,
         case when :?failure.own_quota::boolean then :?failure.retry_after::float8 * interval '1 second'
              else greatest(:?failure.retry_after::float8 * interval '1 second',
                            backoff(failure_count, interval '5 seconds', 2, interval '1 hour')) end as pause
    from upload
   where id = :?upload.id::bigint and claim_number = :?upload.claim_number::int and state = 'planned'
     for update
), judged as (
  select *,
         :?failure.outcome = 'rejected'
           or refusal_count >= 3 and refused_since + :?{{upload.settle}}::interval <= clock() as is_over
    from counted
), failed as (
  update upload u
     set state            = case when is_over then coalesce(kept_status, 'error') else state end,
         next_attempt_at  = case when is_over then null
                                 when :?failure.outcome = 'access-lost' then clock()
                                 else clock() + with_jitter(pause) end,
         unknown_since    = case when not :?failure.posted::boolean then unknown_since
                                 when :?failure.outcome = 'unknown' then clock() end,
         failure_count    = judged.failure_count + case when :?failure.own_quota::boolean then 0 else 1 end,
         refusal_count    = judged.refusal_count,
         refused_since    = judged.refused_since,
         lease_expires_at = null,
         errors           = (select jsonb_agg(entry order by place)
                               from jsonb_array_elements(coalesce(errors, '[]') || batch_error(:?failure.code,
                                      case when is_over then coalesce(:?failure.message_at_end::text, :?failure.message) else :?failure.message end))
                                    with ordinality as history (entry, place)
                              where place > jsonb_array_length(coalesce(errors, '[]')) - 4),
         updated_at       = clock()
    from judged
   where u.id = judged.id
  returning u.webhook_id
), lost as (
  update webhook
     set access_lost_at = clock()
    from failed
   where webhook.id = failed.webhook_id and :?failure.outcome = 'access-lost' and webhook.login = :?upload.login
)
select (select count(*) from batch where upload_id = :?upload.id::bigint) as batches,
       (select id from batch where upload_id = :?upload.id::bigint order by id limit 1) as batch
