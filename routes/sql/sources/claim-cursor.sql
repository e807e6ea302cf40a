-- Claims a source for one pull, unless another process has it or a pause is not over. The first claim of a source makes its
-- cursor, at the position that the source begins with. Returns where to go on, or no row.
insert into source_cursor as c (source, format, position, claim_number, lease_expires_at)
values (:?source, :?cursor_format, :?first_position, 1, clock() + :?{{pull.lease}}::interval)
    on conflict (source) do update
   set format           = excluded.format,
       claim_number     = c.claim_number + 1,
       lease_expires_at = excluded.lease_expires_at,
       updated_at       = clock()
 where (c.lease_expires_at is null or c.lease_expires_at <= clock()) and c.next_pull_at <= clock()
returning position, claim_number
