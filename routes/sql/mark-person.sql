-- Marks the conversions of a webhook that have one of the identifiers, to be deleted by erase-marked. Answers how many
-- there are: those to be deleted now, those that are pending in a file on its way, whose content is frozen until it is
-- known what became of it; and the batches of which Metrika has something already, or may have.
with found as materialized (
  select c.batch_id, c.position
    from batch b
    join conversion c on c.batch_id = b.id
   where b.webhook_id = :?webhook_id::uuid and b.purged_at is null
     and (c.client_id = :?client_id::text or c.user_id = :?user_id::text or c.yclid = :?yclid::text
          or c.purchase_id = :?purchase_id::text)
), marked as (
  insert into erasure (batch_id, position) select batch_id, position from found
      on conflict do nothing
), counted as materialized (
  select batch_status.batch_id, batch_status.status, upload.metrika_upload_id, found.conversions,
         coalesce(upload.state = 'planned' and (upload.lease_until is not null or upload.unknown_since is not null), false)
           as is_pending,
         upload.standing is not null as is_again
    from (select batch_id, count(*) as conversions from found group by batch_id) as found
    join batch on batch.id = found.batch_id
    join batch_status on batch_status.batch_id = found.batch_id
    left join upload on upload.id = batch.upload_id
), sent as materialized (
  select batch_id, status, metrika_upload_id::text as metrika_upload_id, conversions
    from counted
   where metrika_upload_id is not null or is_pending or is_again
), numbers as materialized (
  select coalesce(sum(conversions) filter (where not is_pending), 0) as erased,
         coalesce(sum(conversions) filter (where is_pending), 0) as pending,
         (select coalesce(sum(conversions), 0) from sent) as sent
    from counted
), audited as (
  insert into audit (actor, address, action, webhook_id, fields, details)
  select :?actor, :?address, 'erase-person', :?webhook_id::uuid, :?fields::text[], to_jsonb(numbers) from numbers
)
select row_to_json(answer)::text
  from (select erased, pending, sent,
               coalesce((select json_agg(first order by batch_id)
                           from (select * from sent order by batch_id limit 1000) as first), '[]') as batches
          from numbers) as answer
