-- Selects a webhook with its figures, by the tallies, its goals, as the check of its counter has them, with the conversions of the first
-- hundred rows of each of its latest batches, and these; no row where there is no such webhook.
with week as (
  select coalesce(sum(quantity) filter (where outcome = 'linked'), 0) as linked_week,
         coalesce(sum(quantity) filter (where outcome = 'unlinked'), 0) as unlinked_week
    from tally_by_hour
   where webhook_id = :?webhook_id::uuid and hour >= clock() - interval '7 days' and outcome in ('linked', 'unlinked')
), ever as (
  select coalesce(sum(quantity) filter (where outcome = 'linked'), 0) as linked,
         coalesce(sum(quantity) filter (where outcome = 'unlinked'), 0) as unlinked
    from tally_now
   where webhook_id = :?webhook_id::uuid and outcome in ('linked', 'unlinked')
), latest as (
  select id from batch where webhook_id = :?webhook_id::uuid order by id desc limit 25
), checked as (
  select shown_counter_check(counter_id, login)::jsonb as counter from webhook where id = :?webhook_id::uuid
), target as (
  select target, count(*) as conversions
    from latest
    join conversion on batch_id = latest.id and position < 100
   group by target
   order by conversions desc, target
   limit 50
), goal as (
  select place, goal ->> 'name' as name, goal -> 'targets' as targets
    from checked
   cross join jsonb_array_elements(coalesce(nullif(counter -> 'goals', 'null'), '[]')) with ordinality as listed (goal, place)
)
select row_to_json(page)::text
  from (select webhook.id as webhook_id, name, description, counter_id, time_zone, is_active,
               webhook_state(webhook) as state,
               :?{{public.url}} || '/webhook/offline-conversions/' || webhook.id as url,
               utc_text(created_at) as created_at, utc_text(access_lost_at) as access_lost_at,
               received, waiting, in_flight, error + expired as error, week.*, ever.*,
               (select counter - 'goals' from checked) as counter_check,
               (select json_agg(json_build_object('name', goal.name, 'targets', targets,
                                                  'conversions', (select coalesce(sum(conversions), 0) from target
                                                                   where jsonb_exists(goal.targets, target))) order by place)
                  from goal) as goals,
               (select json_agg(json_build_object('target', target, 'conversions', conversions) order by conversions desc, target)
                  from target
                 where not exists (select from goal where jsonb_exists(goal.targets, target))) as other_targets,
               (select utc_text(max(changed_at))
                  from tally_total
                 where tally_total.webhook_id = webhook.id and outcome in ('accepted', 'duplicate')) as last_conversion,
               coalesce((select json_agg(json_build_object('batch_id', batch_id, 'created_at', answer ->> 'created_at', 'status', status,
                                                           'total', answer -> 'total') order by batch_id desc)
                           from latest
                           join batch_status on batch_id = latest.id), '[]') as batches
          from webhook
          join tally_ledger on tally_ledger.webhook_id = webhook.id, week, ever
         where webhook.id = :?webhook_id::uuid) as page
