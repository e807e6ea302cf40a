-- Finds batches by their id, by the id of their upload at Metrika, or by an identifier of a conversion in them. Conversions have no
-- index of identifiers, so these are looked for in some days only: whole days of UTC, each a partition. Says from when on.
with since as materialized (
  select (clock() at time zone 'UTC')::date - (:?search.days::integer - 1) as day
), found as (
  (select id from batch where id = :?search.id::uuid)
  union
  (select batch.id
     from upload
     join batch on batch.upload_id = upload.id
    where metrika_upload_id = :?search.number::bigint
    limit 100)
  union
  (select batch_id
     from conversion
    where batch_id >= (select min_batch_id(day) from since)
      and :?search.q::text in (client_id, user_id, yclid, purchase_id)
    limit 100)
), shown as (
  select batch_id, name, batch_status.webhook_id, status, answer
    from found
    join batch_status on batch_id = found.id
    join webhook on webhook.id = batch_status.webhook_id
   order by batch_id desc
   limit 100
)
select row_to_json(page)::text
  from (select :?search.q::text as q, :?search.days::integer as days, (select utc_text(day at time zone 'UTC') from since) as since,
               coalesce((select json_agg(json_build_object('batch_id', batch_id, 'webhook_id', webhook_id, 'name', name, 'status', status,
                                                           'created_at', answer ->> 'created_at', 'total', answer -> 'total')
                                         order by batch_id desc)
                           from shown), '[]') as batches) as page
