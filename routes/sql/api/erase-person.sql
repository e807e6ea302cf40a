-- Deletes the conversions of a webhook that have one of the identifiers. Returns how many were deleted; how many are pending,
-- in a file that may be on its way: its content is fixed until the outcome is known, and apply-pending-erasures or
-- erase-from-upload deletes them then; and the batches that Metrika has or may have.
with found as materialized (
  select *
    from erase_person(:?webhook.id::uuid, :?form.client_id::text, :?form.user_id::text, :?form.yclid::text, :?form.purchase_id::text)
), sent as materialized (
  select batch_id, status, metrika_upload_id::text as metrika_upload_id, conversions
    from found
   where metrika_upload_id is not null or is_pending or is_again
), numbers as materialized (
  select coalesce(sum(conversions) filter (where not is_pending), 0) as erased,
         coalesce(sum(conversions) filter (where is_pending), 0) as pending,
         (select coalesce(sum(conversions), 0) from sent) as sent
    from found
), audited as (
  insert into audit (actor, address, action, webhook_id, fields, details)
  select :?actor, :?address, 'erase-person', :?webhook.id::uuid, :?form.fields::text[], to_jsonb(numbers) from numbers
)
select row_to_json(answer)::text
  from (select erased, pending, sent,
               coalesce((select json_agg(first order by batch_id)
                           from (select * from sent order by batch_id limit 1000) as first), '[]') as batches
          from numbers) as answer
