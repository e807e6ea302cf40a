-- Selects a batch of a webhook with its way so far, what can be done with it, and a hundred of its lines as Metrika gets them; no row
-- where there is no such batch. Of the lines, what is erased, or marked for it, is left out; none is shown of what is marked as deleted,
-- though its rows may still lie there.
with held as materialized (
  select position, client_id, user_id, yclid, purchase_id, target, date_time::text as date_time, price::text as price, currency
    from conversion c
   where batch_id = :?batch_id::uuid and position > :?line::bigint
     and exists (select from batch where id = :?batch_id::uuid and webhook_id = :?webhook_id::uuid and purged_at is null)
     and not exists (select from pending_erasure e where e.batch_id = c.batch_id and e.position = c.position)
   order by position
   limit 101
), shown as (
  select * from held order by position limit 100
)
select row_to_json(page)::text
  from (select batch.id as batch_id, batch.webhook_id, webhook.name, webhook.time_zone, status, source, batch.total - erased as total,
               batch_status.answer ->> 'metrika_upload_id' as metrika_upload_id, batch.upload_id,
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
                 where at is not null) as way,
               erased,
               case when batch.purged_at is null then null
                    when erased = batch.total then 'erased'
                    when withdrawn_at is not null then 'withdrawn'
                    else 'kept' end as gone,
               trim_scale(round(extract(epoch from case when upload.state in ('error', 'expired') then :?{{retention.error}}::interval
                                                        else :?{{retention.completed}}::interval end) / 86400, 2))::text as days,
               :?line::bigint >= 0 as is_later,
               coalesce((select json_agg(shown order by position) from shown), '[]') as lines,
               case when (select count(*) from held) > 100 then (select max(position) from shown) end as next
          from batch
          join webhook on webhook.id = batch.webhook_id
          join batch_status on batch_status.batch_id = batch.id
          left join upload on upload.id = batch.upload_id
         where batch.id = :?batch_id::uuid and batch.webhook_id = :?webhook_id::uuid) as page
