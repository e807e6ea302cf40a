-- Selects a batch of a webhook with its way so far, and what can be done with it; no row where there is no such batch.
select row_to_json(page)::text
  from (select batch.id as batch_id, batch.webhook_id, webhook.name, webhook.time_zone, status, source, batch.total - erased as total,
               batch_status.answer ->> 'metrika_upload_id' as metrika_upload_id,
               coalesce(batch_status.answer -> 'errors', '[]') as errors, coalesce(warnings, '[]') as warnings,
               coalesce(status = 'error' and upload.state in ('error', 'expired') and batch.purged_at is null, false) as can_retry,
               status = 'accepted' or coalesce(status = 'error' and upload.state in ('error', 'expired'), false) as can_withdraw,
               (select json_agg(json_build_object('step', step, 'at', utc_text(at)) order by at, place)
                  from (values (1, 'received', batch.created_at),
                               (2, 'gathered', upload.created_at),
                               (3, 'sent', upload.sent_at),
                               (4, case upload.state when 'completed' then 'completed' when 'error' then 'error'
                                                     when 'expired' then 'expired' end,
                                case when upload.state in ('completed', 'error', 'expired') then upload.updated_at end),
                               (5, 'withdrawn', withdrawn_at)) as steps (place, step, at)
                 where at is not null) as way
          from batch
          join webhook on webhook.id = batch.webhook_id
          join batch_status on batch_status.batch_id = batch.id
          left join upload on upload.id = batch.upload_id
         where batch.id = :?batch_id::uuid and batch.webhook_id = :?webhook_id::uuid) as page
