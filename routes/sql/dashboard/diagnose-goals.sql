-- Selects how a webhook's conversions of the last seven days of UTC fared, by goal: it reads them all, since no tally has the goals.
-- Metrika counts the linked rows of a file, so they are known of a goal where a file has no other one, or all or none are linked.
with held as materialized (
  select * from conversions_by_goal(:?webhook_id::uuid, date_trunc('day', clock(), 'UTC') - interval '6 days')
), of_upload as (
  select target, upload_id, sum(conversions) as conversions from held group by target, upload_id
), judged as (
  select target, of_upload.conversions, batch_status_of(coalesce(state, 'accepted'), kept_status) as status, upload.sent_at,
         errors -> -1 ->> 'code' as code,
         case when state not in ('completed', 'error') then null
              when linked_quantity >= upload.conversions then of_upload.conversions
              when linked_quantity = 0 then 0
              when of_upload.conversions = upload.conversions then linked_quantity end as linked
    from of_upload
    left join upload on upload.id = upload_id
), goal as (
  select target, sum(conversions) as conversions, max(sent_at) as last_upload,
         coalesce(sum(conversions) filter (where status = 'completed'), 0) as completed,
         coalesce(sum(conversions) filter (where status not in ('completed', 'error')), 0) as pending,
         coalesce(sum(conversions) filter (where status = 'error'), 0) as error,
         coalesce(sum(linked), 0) as linked, coalesce(sum(conversions) filter (where linked is not null) - sum(linked), 0) as unlinked
    from judged
   group by target
   order by conversions desc, target
   limit 100
)
select coalesce(json_agg(json_build_object(
         'target', target, 'last_upload', utc_text(last_upload), 'conversions', conversions, 'completed', completed,
         'not_completed', conversions - completed, 'pending', pending, 'not_pending', conversions - pending, 'error', error,
         'linked', linked, 'unlinked', unlinked,
         'alerts', (select json_agg(json_build_object('code', code, 'conversions', conversions) order by conversions desc, code)
                      from (select code, sum(conversions) as conversions
                              from judged
                             where judged.target = goal.target and code is not null
                             group by code) as alert),
         'days', (select json_agg(json_build_object('conversions', coalesce(conversions, 0)) order by day desc)
                    from generate_series(date_trunc('day', clock(), 'UTC') - interval '6 days', date_trunc('day', clock(), 'UTC'),
                                         interval '1 day') as days (day)
                    left join (select day, sum(conversions) as conversions from held where held.target = goal.target group by day) as counted
                           using (day)))
         order by conversions desc, target), '[]')::text
  from goal
