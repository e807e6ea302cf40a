-- Selects the course of the figures, of all webhooks or of one, by the tallies: by the hour, and by the day where there would be too
-- many hours. No plot where none is asked for.
with span as materialized (
  select hours, unit, case when hours > 0 then date_trunc(unit, clock() - make_interval(hours => hours), 'UTC') end as since
    from (select :?course.hours::integer as hours, case when :?course.hours::integer <= 168 then 'hour' else 'day' end as unit) as asked
), bucket as (
  select at
    from span
   cross join generate_series(since, clock(), case unit when 'hour' then interval '1 hour' else interval '24 hours' end) as at
), counted as materialized (
  select date_trunc((select unit from span), hour, 'UTC') as at, outcome, coalesce(nullif(source, ''), '–') as source,
         sum(quantity) as quantity
    from (select hour, source, outcome, quantity from tally_course where :?course.webhook_id::uuid is null
          union all
          select hour, source, outcome, quantity from tally where webhook_id = :?course.webhook_id::uuid
          union all
          select hour, source, outcome, quantity
            from tally_change
           where :?course.webhook_id::uuid is null or webhook_id = :?course.webhook_id::uuid) as part
   where hour >= (select since from span) and outcome in ('accepted', 'duplicate', 'sent', 'linked', 'unlinked')
   group by 1, 2, 3
), busiest as (
  select source, least(row_number() over (order by sum(quantity) desc, source), 6) as place
    from counted
   where outcome in ('accepted', 'duplicate')
   group by source
), part as (
  select 'received' as plot, place, case when place < 6 then source else '' end as name, case when place = 6 then 'other' end as key, at, quantity
    from counted
    join busiest using (source)
   where outcome in ('accepted', 'duplicate')
  union all
  select 'ended', place, '', key, at, quantity
    from (values (1, 'sent'), (2, 'linked'), (3, 'unlinked')) as listed (place, key)
    left join counted on outcome = key
), series as (
  select plot, place, name, key from part group by plot, place, name, key
), cell as (
  select series.plot, bucket.at, place, coalesce(sum(quantity), 0) as quantity
    from bucket
   cross join series
    left join part using (plot, place, at)
   group by series.plot, bucket.at, place
), line as (
  select plot, at, json_agg(quantity order by place) as values from cell group by plot, at
)
select row_to_json(page)::text
  from (select :?course.range::text as range, (select unit from span) as unit, utc_text((select since from span)) as since,
               (select coalesce(json_agg(json_build_object(
                         'plot', plot,
                         'series', (select json_agg(json_build_object('name', name, 'key', key) order by place)
                                      from series where series.plot = shown.plot),
                         'rows', (select json_agg(json_build_object('at', utc_text(at), 'values', values) order by at)
                                    from line where line.plot = shown.plot)) order by plot desc), '[]')
                  from (select distinct plot from line) as shown) as plots) as page
