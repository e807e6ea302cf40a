-- Lists where each source that pulls has got to, what its last pull came to, and what keeps it from going on.
select coalesce(json_agg(row_to_json(cursor) order by cursor.source), '[]')::text
  from (select source, format, position, utc_text(pulled_at) as pulled_at, last_pull, failure, utc_text(failing_since) as failing_since,
               utc_text(case when next_pull_at > clock() then next_pull_at end) as paused_until
          from source_cursor) as cursor
