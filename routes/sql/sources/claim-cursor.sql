-- Claims a source for one pull, unless another process has it or a pause is not over. The first claim of a source makes its
-- cursor, at the position that the source begins with. Returns where to go on, what not to read before and how often it
-- could not be pulled since it was the last time; where another process
-- has the source, until when at the least; during a pause no row.
with claimed as (
  insert into source_cursor as c (source, format, position, begins_at, claim_number, lease_expires_at)
  select :?source, :?cursor_format, given, given, 1, clock() + :?{{pull.lease}}::interval
    from given_position(:?cursor_format, :?first_position) as given
      on conflict (source) do update
     set format           = excluded.format,
         claim_number     = c.claim_number + 1,
         lease_expires_at = excluded.lease_expires_at,
         updated_at       = clock()
   where (c.lease_expires_at is null or c.lease_expires_at <= clock()) and c.next_pull_at <= clock()
  returning position, begins_at, claim_number, failure_count
)
select position, begins_at, claim_number, failure_count, null as held_until from claimed
union all
select position, begins_at, claim_number, failure_count, utc_text(lease_expires_at)
  from source_cursor
 where source = :?source and lease_expires_at > clock() and not exists (select from claimed)
