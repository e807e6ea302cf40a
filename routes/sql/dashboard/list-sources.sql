-- Selects what came from each source, and what keeps those that pull from going on: from the tallies and the cursors.
with counted as (
  select source, sum(quantity) filter (where outcome in ('accepted', 'duplicate')) as received,
         sum(quantity) filter (where outcome = 'refused') as refused
    from tally_now
   where source <> '' and outcome in ('accepted', 'duplicate', 'refused')
   group by source
), last as (
  select source, max(changed_at) as at from tally_total where source <> '' and outcome in ('accepted', 'duplicate') group by source
)
select row_to_json(page)::text
  from (select coalesce(json_agg(json_build_object(
                 'source', source, 'received', coalesce(received, 0), 'refused', coalesce(refused, 0), 'last_conversion', utc_text(last.at),
                 'pulled_at', utc_text(pulled_at), 'failure', failure) order by source), '[]') as sources
          from counted
          full join source_cursor using (source)
          left join last using (source)) as page
