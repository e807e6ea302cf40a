-- Conversions lie in a table for each day (of UTC) on which they came: what a day holds is dropped at once when its time is
-- over, instead of being deleted row by row. A batch's id begins with the time, so the day is a range of ids.

alter table conversion rename to conversion_before;
alter index conversion_pkey rename to conversion_before_pkey;

create table conversion (
  batch_id    uuid not null,
  position    integer not null,                 -- its index in the request
  client_id   text,
  user_id     text,
  yclid       text,
  purchase_id text,
  target      text not null,
  date_time   bigint not null,                  -- Unix seconds, computed once: part of Metrika's key
  price       numeric,                          -- keeps its scale: 19.90 stays 19.90
  currency    text,
  primary key (batch_id, position)
) partition by range (batch_id);

-- For a clock that is wrong, and for days whose table could not be made: nothing is turned away for want of a table.
create table conversion_other partition of conversion default;

-- The id that no batch of a day, and of none after it, comes before.
create function first_id(day date) returns uuid language sql immutable
return (lpad(to_hex((extract(epoch from day) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;

-- What was stored so far is taken over as it is; it ends with the day.
do $$
begin
  if exists (select from conversion_before) then
    execute format('alter table conversion attach partition conversion_before for values from (minvalue) to (%L)',
                   first_id((now() at time zone 'UTC')::date + 1));
  else
    drop table conversion_before;
  end if;
end
$$;

-- The tables by day, with the ids from which and up to which they go.
create view conversion_day as
select c.relname::text as name,
       coalesce((regexp_match(bound, 'FROM \(''([0-9a-f-]+)''\)'))[1]::uuid, '00000000-0000-0000-0000-000000000000') as first,
       (regexp_match(bound, 'TO \(''([0-9a-f-]+)''\)'))[1]::uuid as next
  from pg_inherits
  join pg_class c on c.oid = inhrelid
 cross join lateral pg_get_expr(c.relpartbound, c.oid) as bound
 where inhparent = 'conversion'::regclass and bound <> 'DEFAULT';

-- Makes the tables of today and of the days after it, by the time of ids, which is the machine's. A table is made by
-- itself and then attached: that waits for no reader and no writer of other days. Whoever holds the default one for long
-- is not waited for: the next run, days ahead, finds another moment. Answers how many were made.
create function add_days(ahead integer) returns integer language plpgsql set lock_timeout = '1s' as $$
declare
  today date := (now() at time zone 'UTC')::date;
  day   date;
  made  integer := 0;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('days of conversions', 0)) then
    return 0; -- another process is at it
  end if;
  foreach day in array array(select (today + n)::date from generate_series(0, ahead) as n order by n) loop
    if exists (select from conversion_day where first < first_id(day + 1) and next > first_id(day))
       -- Its table was missing when they came: they stay where they are
       or exists (select from conversion_other where batch_id >= first_id(day) and batch_id < first_id(day + 1)) then
      continue;
    end if;
    begin
      execute format('create table %I (like conversion including all)', 'conversion_' || to_char(day, 'YYYYMMDD'));
      execute format('alter table conversion attach partition %I for values from (%L) to (%L)',
                     'conversion_' || to_char(day, 'YYYYMMDD'), first_id(day), first_id(day + 1));
      made := made + 1;
    exception when lock_not_available or check_violation then
      raise warning 'the conversions of % have no table of their own yet: the one they share is in use', day;
    end;
  end loop;
  return made;
end
$$;

-- Whether a batch's conversions have been kept for their time.
create function is_kept_long_enough(state text, ended timestamptz, is_to_be_relinked boolean, completed interval, error interval)
returns boolean language sql stable
return not is_to_be_relinked
       and (state in ('completed', 'replaced') and ended < clock() - completed
            or state in ('error', 'expired') and ended < clock() - error);

-- Drops one day that is over for long enough, the oldest first; what of it has to be kept longer, since it ended in error
-- or late, is carried over into a table that takes the place of the day's. Answers the day's table, or null when nothing is
-- to be done.
create function drop_a_day(completed interval, error interval) returns text language plpgsql set lock_timeout = '1s' as $$
declare
  old   record;
  rest  text;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('days of conversions', 0)) then
    return null; -- another process is at it
  end if;
  for old in
    select name, first, next
      from conversion_day
     where next <= first_id((now() at time zone 'UTC' - least(completed, error))::date)
     order by next
  loop
    begin
      -- Nobody sends one of these again, or erases a person from them, until it is decided and done
      perform from batch where id >= old.first and id < old.next and purged_at is null for update;
      execute format('lock table %I in share mode', old.name);

      create temporary table if not exists kept_batch (id uuid primary key) on commit drop;
      truncate kept_batch;
      insert into kept_batch
      select batch.id
        from batch
        left join upload on upload.id = batch.upload_id
       where batch.id >= old.first and batch.id < old.next and batch.purged_at is null
         and not coalesce(is_kept_long_enough(upload.state, upload.updated_at, upload.relink_at is not null, completed, error), false);

      if exists (select from kept_batch)
         and not exists (select from batch
                          where id >= old.first and id < old.next and purged_at is null and id not in (select id from kept_batch))
      then
        continue; -- all that is left of the day has to be kept
      end if;

      update batch
         set purged_at = clock(), refused = null
       where id >= old.first and id < old.next and purged_at is null and id not in (select id from kept_batch);

      if exists (select from kept_batch) then
        rest := old.name || '_rest';
        execute format('create table %I (like conversion including all)', rest);
        execute format('insert into %I select conversion.* from conversion join kept_batch on kept_batch.id = batch_id '
                       'where batch_id >= %L and batch_id < %L', rest, old.first, old.next);
        execute format('drop table %I', old.name);
        execute format('alter table %I rename to %I', rest, old.name);
        execute format('alter table conversion attach partition %I for values from (%L) to (%L)', old.name, old.first, old.next);
      else
        execute format('drop table %I', old.name);
      end if;
      return old.name;
    exception when lock_not_available then
      raise warning 'the conversions in % are in use: they are dropped at the next run', old.name;
    end;
  end loop;
  return null;
end
$$;

-- Tables whose rows change often, so that they stay small.
alter table upload set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
alter table batch set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
alter table calls_of_day set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
alter table calls_of_second set (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
alter table call_under_way set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
alter table request_window set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
alter table webhook_changes set (fillfactor = 10);
