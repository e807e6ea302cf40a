-- Finds batches by their id, by the id of their upload at Metrika, or by an identifier of a conversion in them, in some whole days of UTC,
-- for three seconds at most. Says since when batches were looked at.
with asked as materialized (
  select (clock() at time zone 'UTC')::date - (:?search.days::integer - 1) as day
), conversions as materialized (
  select batch_ids, looked_since
    from asked
   cross join lateral find_conversions(:?search.q::text, day, 100, interval '3 seconds')
   where :?search.q::text is not null
), found as (
  (select id from batch where id = :?search.id::uuid)
  union
  (select batch.id
     from upload
     join batch on batch.upload_id = upload.id
    where metrika_upload_id = :?search.number::bigint
    limit 100)
  union
  (select unnest(batch_ids) from conversions)
), shown as (
  select batch_id, name, batch_status.webhook_id, status, answer
    from found
    join batch_status on batch_id = found.id
    join webhook on webhook.id = batch_status.webhook_id
   order by batch_id desc
   limit 100
)
select row_to_json(page)::text
  from (select :?search.q::text as q, :?search.days::integer as days, (select utc_text(looked_since) from conversions) as since,
               (select looked_since > day::timestamp at time zone 'UTC' and cardinality(batch_ids) < 100
                  from conversions cross join asked) as is_cut,
               coalesce((select json_agg(json_build_object('batch_id', batch_id, 'webhook_id', webhook_id, 'name', name, 'status', status,
                                                           'created_at', answer ->> 'created_at', 'total', answer -> 'total')
                                         order by batch_id desc)
                           from shown), '[]') as batches) as page
