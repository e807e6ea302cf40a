-- Records which sources this process cannot read from or run, and forgets those that are well again, and what processes that are gone
-- have said.
with told as (
  select * from unnest(:?troubles.sources::text[], :?troubles.reasons::text[]) as t (source, reason)
), recorded as (
  insert into source_trouble (source, process, reason)
  select source, :?troubles.process::uuid, reason from told
      on conflict (source, process) do update set reason = excluded.reason, seen_at = clock()
)
delete from source_trouble
 where process = :?troubles.process::uuid and source not in (select source from told)
    or seen_at < clock() - interval '1 hour'
