-- Selects an upload with its tries, as far as they are kept, and a hundred of its batches; no row where there is none.
with held as materialized (
  select id, total - erased as total, created_at
    from batch
   where upload_id = :?wanted.id::bigint and id > coalesce(:?wanted.after::uuid, '00000000-0000-0000-0000-000000000000')
   order by id
   limit 101
), shown as (
  select * from held order by id limit 100
)
select row_to_json(page)::text
  from (select upload.id as upload_id, upload.webhook_id, name, time_zone, state, tag, upload.counter_id,
               metrika_upload_id::text as metrika_upload_id, metrika_status, conversions, batch_conversions, source_quantity, line_quantity,
               linked_quantity, user_not_found_quantity, goal_not_found_quantity, attempt_count, failure_count, refusal_count, resend_count,
               split_from, utc_text(upload.created_at) as created_at, utc_text(sent_at) as sent_at,
               case when state not in ('planned', 'uploaded', 'processing') then utc_text(upload.updated_at) end as ended_at,
               case when state in ('completed', 'error') then extract(epoch from upload.updated_at - sent_at)::bigint end as seconds,
               utc_text(next_attempt_at) as next_attempt_at, utc_text(unknown_since) as unknown_since, utc_text(resend_at) as resend_at,
               case when state in ('planned', 'uploaded', 'processing') then utc_text(expires_at) end as expires_at,
               lease_expires_at > clock() as is_under_way, coalesce(errors, '[]') as errors, errors -> -1 ->> 'code' as code,
               (select json_agg(json_build_object('batch_id', id, 'total', total, 'created_at', utc_text(created_at)) order by id)
                  from shown) as batches,
               case when (select count(*) from held) > 100 then (select max(id::text) from shown) end as next
          from upload
          join webhook on webhook.id = upload.webhook_id
         where upload.id = :?wanted.id::bigint) as page
