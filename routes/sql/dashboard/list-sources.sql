-- Selects what came from each source, and what keeps it from going on: from the tallies, the cursors and what processes say; and which
-- rows were refused and kept, by webhook, source and file.
with counted as (
  select source, sum(quantity) filter (where outcome in ('accepted', 'duplicate')) as received,
         sum(quantity) filter (where outcome = 'refused') as refused
    from tally_now
   where source <> '' and outcome in ('accepted', 'duplicate', 'refused')
   group by source
), last as (
  select source, max(changed_at) as at from tally_total where source <> '' and outcome in ('accepted', 'duplicate', 'refused') group by source
), trouble as (
  select source, min(since) as since, max(reason) as reason
    from source_trouble
   where seen_at > clock() - interval '2 minutes'
   group by source
), refused as (
  select webhook_id, webhook.name, source, file, count(*) as rows, max(last_received_at) as at
    from refused_row
    join webhook on webhook.id = webhook_id
   group by webhook_id, webhook.name, source, file
   order by at desc
   limit 100
)
select row_to_json(page)::text
  from (select coalesce(json_agg(json_build_object(
                 'source', source, 'received', coalesce(received, 0), 'refused', coalesce(counted.refused, 0), 'last_seen', utc_text(last.at),
                 'pulled_at', utc_text(pulled_at), 'failure', coalesce(failure, trouble.reason),
                 'failing_since', utc_text(coalesce(failing_since, trouble.since))) order by source), '[]') as sources,
               (select json_agg(json_build_object('webhook_id', webhook_id, 'name', name, 'source', source, 'file', file, 'rows', rows,
                                                  'at', utc_text(at)) order by at desc)
                  from refused) as refused
          from counted
          full join source_cursor using (source)
          full join trouble using (source)
          left join last using (source)) as page
