-- The same for what is not as it usually is, or will soon be too late.
select type, kind, subject, webhook_id::text as webhook_id, details::text as details
  from record_incidents(
         array['link_rate_fallen', 'source_silent', 'deadline_near'],
         (select coalesce(jsonb_agg(found), '[]')
            from current_trends(:?{{incidents.source-silent}}::interval, :?{{incidents.link-rate}}::float8,
                                :?{{incidents.deadline}}::interval) as found),
         :?{{incidents.remind}}::interval)
