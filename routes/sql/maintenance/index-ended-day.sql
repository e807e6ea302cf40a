-- Indexes the identifiers of the latest day that is over and has no such indexes yet. Returns its partition; none when there is none, or
-- another process is at it.
select coalesce(index_ended_day(), 'none')
