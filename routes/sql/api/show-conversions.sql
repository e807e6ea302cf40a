-- Selects the conversions of a batch that ended in error, in the format of a request, to be corrected and sent again. Erased
-- ones, and those marked for erasure, are left out.
select case when batch_status.status <> 'error' then batch_status.status
            when batch.purged_at is not null then 'purged'
            else 'available' end as outcome,
       case when batch_status.status = 'error' and batch.purged_at is null then json_build_object('conversions', (
              select coalesce(json_agg(json_strip_nulls(json_build_object(
                                'client_id', c.client_id, 'user_id', c.user_id, 'yclid', c.yclid, 'purchase_id', c.purchase_id,
                                'target', c.target, 'date_time', utc_text(to_timestamp(c.date_time)), 'price', c.price,
                                'currency', c.currency)) order by c.position), '[]')
                from conversion c
               where c.batch_id = :?batch_id::uuid
                 and not exists (select from pending_erasure e
                                  where e.batch_id = c.batch_id and e.position = c.position))) end::text as answer
  from batch
  join batch_status on batch_status.batch_id = batch.id
 where batch.id = :?batch_id::uuid and batch.webhook_id = :?webhook.id::uuid
