-- Selects how a webhook's files of the last seven days fared, by day of UTC, and what failed: from the uploads that were planned in
-- them, as they are now; no row where there is no such webhook.
with week as materialized (
  select date_trunc('day', created_at, 'UTC') as day, sent_at, state, conversions, batch_conversions, linked_quantity,
         errors -> -1 ->> 'code' as code
    from upload
   where webhook_id = :?webhook_id::uuid and state <> 'replaced'
     and created_at >= date_trunc('day', clock(), 'UTC') - interval '6 days'
), by_day as (
  select day, count(state) as uploads, coalesce(sum(batch_conversions), 0) as conversions,
         coalesce(sum(batch_conversions) filter (where state = 'completed'), 0) as completed,
         coalesce(sum(batch_conversions) filter (where state in ('planned', 'uploaded', 'processing')), 0) as pending,
         coalesce(sum(batch_conversions) filter (where state in ('error', 'expired')), 0) as error,
         coalesce(sum(linked_quantity) filter (where state in ('completed', 'error') and batch_conversions > 0), 0) as linked,
         coalesce(sum(conversions - linked_quantity) filter (where state in ('completed', 'error') and batch_conversions > 0), 0) as unlinked
    from generate_series(date_trunc('day', clock(), 'UTC') - interval '6 days', date_trunc('day', clock(), 'UTC'), interval '1 day') as days (day)
    left join week using (day)
   group by day
)
select row_to_json(page)::text
  from (select webhook.id as webhook_id, name, time_zone,
               (select utc_text(max(sent_at)) from week) as last_upload,
               total.*, total.conversions - total.completed as not_completed, total.conversions - total.pending as not_pending,
               (select json_agg(json_build_object('day', day::date, 'uploads', uploads, 'conversions', conversions, 'completed', completed,
                                                  'pending', pending, 'error', error, 'linked', linked, 'unlinked', unlinked) order by day desc)
                  from (select (day at time zone 'UTC')::date as day, uploads, conversions, completed, pending, error, linked, unlinked
                          from by_day) as days) as days,
               (select json_agg(json_build_object('code', code, 'uploads', uploads, 'conversions', conversions)
                                order by conversions desc, code)
                  from (select code, count(*) as uploads, sum(batch_conversions) as conversions
                          from week
                         where code is not null
                         group by code) as alert
                 where conversions > 0) as alerts
          from webhook,
               (select sum(conversions) as conversions, sum(completed) as completed, sum(pending) as pending, sum(error) as error,
                       sum(linked) as linked, sum(unlinked) as unlinked
                  from by_day) as total
         where webhook.id = :?webhook_id::uuid) as page
