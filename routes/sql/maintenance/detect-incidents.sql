-- Opens and closes incidents by what the tables say now. Returns those of which there is news: type, kind, subject, webhook_id and
-- details.
select type, kind, subject, webhook_id::text as webhook_id, details::text as details
  from record_incidents(
         array['token_lost', 'counter_gone', 'batches_in_error', 'upload_stuck', 'source_away', 'quota_gone', 'database_trouble',
               'disk_trouble'],
         (select coalesce(jsonb_agg(found), '[]')
            from current_incidents(:?{{incidents.source-away}}::interval) as found),
         :?{{incidents.remind}}::interval)
