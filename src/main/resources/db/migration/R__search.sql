-- Search for conversions by an identifier. Indexes of identifiers would cost the intake more than all others together, so a day gets them
-- when it is over: block range indexes with Bloom filters, a hundredth of the table's size, which tell the few blocks to read.

create or replace function is_indexed(day date) returns boolean language sql stable
return to_regclass('conversion_' || to_char(day, 'YYYYMMDD') || '_purchase_id') is not null;

comment on function is_indexed is 'Whether the identifiers of a day''s conversions are indexed.';

-- While they are made nobody writes into that day: seconds, for millions of rows.
create or replace function index_ended_day() returns text language plpgsql set lock_timeout = '1s' as $$
declare
  part record;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('conversion partitions', 0)) then
    return null; -- another process works on it
  end if;
  for part in
    select name, day
      from conversion_partition
     cross join lateral (select to_date(substring(name from '^conversion_([0-9]{8})$'), 'YYYYMMDD') as day) as of_name
     where from_id = min_batch_id(day) and to_id = min_batch_id(day + 1) and day < (clock() at time zone 'UTC')::date and not is_indexed(day)
     order by day desc
  loop
    begin
      for field in 1..4 loop
        execute format('create index %I on %I using brin (%I text_bloom_ops (n_distinct_per_range = 3000)) with (pages_per_range = 32)',
                       part.name || '_' || (array['client_id', 'user_id', 'yclid', 'purchase_id'])[field], part.name,
                       (array['client_id', 'user_id', 'yclid', 'purchase_id'])[field]);
      end loop;
      return part.name;
    exception when lock_not_available then
      continue; -- it is in use; the next run makes them
    end;
  end loop;
  return null;
end
$$;

comment on function index_ended_day is 'Indexes the identifiers of the latest day that is over and has no such indexes yet. Returns its '
  'partition; null when there is none.';

-- Newest first, a day at a time where it is indexed, an hour at a time where it is not; so it can be said how far was looked when the
-- time is over. Without the settings the planner would read whole tables, with helpers that take longer to start than the search.
create or replace function find_conversions(sought text, since date, most integer, patience interval,
                                            out batch_ids uuid[], out looked_since timestamptz)
language plpgsql stable set enable_seqscan = off set max_parallel_workers_per_gather = 0 as $$
declare
  is_like constant text := '(client_id = $1 or user_id = $1 or yclid = $1 or purchase_id = $1)';
  began   constant timestamptz := clock_timestamp();
  until   timestamptz; -- where the slice ends; null: nowhere
  slice   uuid[];
begin
  -- Of days that had no partition when they came
  batch_ids := array(select distinct batch_id
                       from conversion_default
                      where batch_id >= min_batch_id(since) and sought in (client_id, user_id, yclid, purchase_id)
                      limit most);
  looked_since := date_trunc('hour', clock(), 'UTC');
  while (looked_since > since::timestamp at time zone 'UTC' or until is null) and cardinality(batch_ids) < most
        and (until is null or clock_timestamp() - began < patience) loop
    if until is not null then
      looked_since := looked_since - case when date_trunc('day', looked_since, 'UTC') = looked_since
                                            and is_indexed((looked_since at time zone 'UTC')::date - 1)
                                     then interval '1 day' else interval '1 hour' end;
    end if;
    if until - looked_since = interval '1 day' then
      execute format('select array(select distinct batch_id from %I where %s limit $2)',
                     'conversion_' || to_char(looked_since at time zone 'UTC', 'YYYYMMDD'), is_like)
         into slice using sought, most;
    else
      execute format('select array(select distinct batch_id from conversion where batch_id >= $3 and %s and %s '
                     'and tableoid <> ''conversion_default''::regclass limit $2)',
                     case when until is null then 'true' else 'batch_id < $4' end, is_like)
         into slice using sought, most, first_batch_id(looked_since), first_batch_id(until);
    end if;
    batch_ids := batch_ids || slice;
    until := looked_since;
  end loop;
end
$$;

comment on function find_conversions is 'The batches with a conversion that has an identifier, newest first, ''most'' of them or a few more, '
  'and since when all batches were looked at: as far back as the day ''since'', or less when it takes longer than ''patience''.';
