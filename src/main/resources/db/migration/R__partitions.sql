-- Partitions, one for each day. The intake writes into today's partition through its parent, the table conversion. So nothing here
-- locks the parent, except to drop an empty partition, for which it waits a tenth of a second. What is slow locks only a partition
-- of the past.

create or replace view conversion_partition as
select c.relname::text as name,
       coalesce((regexp_match(bound, 'FROM \(''([0-9a-f-]+)''\)'))[1]::uuid, '00000000-0000-0000-0000-000000000000') as from_id,
       (regexp_match(bound, 'TO \(''([0-9a-f-]+)''\)'))[1]::uuid as to_id
  from pg_inherits
  join pg_class c on c.oid = inhrelid
 cross join lateral pg_get_expr(c.relpartbound, c.oid) as bound
 where inhparent = 'conversion'::regclass and bound <> 'DEFAULT';

comment on view conversion_partition is 'The partitions by day, with the range of ids of each.';

create or replace function min_batch_id(day date) returns uuid language sql immutable
return (lpad(to_hex((extract(epoch from day) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;

comment on function min_batch_id is 'The smallest id that a batch of a day can have.';

-- By the time in the ids, which is the machine's. A table is created first and then attached: that waits for no reader and no
-- writer of other days. A partition that cannot be created is tried again by the next run, days before it is needed.
create or replace function create_partitions(ahead integer) returns table (day date, is_made boolean)
language plpgsql set lock_timeout = '1s' as $$
begin
  if not pg_try_advisory_xact_lock(hashtextextended('conversion partitions', 0)) then
    return; -- another process works on it
  end if;
  foreach day in array array(select (now() at time zone 'UTC')::date + n from generate_series(0, ahead) as n order by n) loop
    if exists (select from conversion_partition where from_id < min_batch_id(day + 1) and to_id > min_batch_id(day))
       -- Its partition was missing when they came: they stay in the default one
       or exists (select from conversion_default where batch_id >= min_batch_id(day) and batch_id < min_batch_id(day + 1)) then
      continue;
    end if;
    begin
      execute format('create table %I (like conversion including all)', 'conversion_' || to_char(day, 'YYYYMMDD'));
      execute format('alter table conversion attach partition %I for values from (%L) to (%L)',
                     'conversion_' || to_char(day, 'YYYYMMDD'), min_batch_id(day), min_batch_id(day + 1));
      is_made := true;
    exception when lock_not_available or check_violation then
      is_made := false; -- the table that days without one share is in use
    end;
    return next;
  end loop;
end
$$;

comment on function create_partitions is 'Creates the partitions of today and of the days after it. Returns the days '
  'whose partition was created, and those for which it could not be.';

-- Rows of batches that are kept longer stay: where they are fewer than the others, they are copied aside while the whole partition
-- is truncated. Returns deleted (row by row), emptied, kept (nothing was to be deleted), or in-use: another session held the
-- partition for too long, and the next run goes on from here.
create or replace function empty_partition(day text) returns text language plpgsql set lock_timeout = '1s' as $$
declare
  kept   bigint;
  purged bigint;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('conversion partitions', 0)) then
    return 'in-use'; -- another process works on it
  end if;
  execute format('select count(*) filter (where is_kept), count(*) filter (where not is_kept) from ('
                 'select exists (select from batch where id = batch_id and purged_at is null) as is_kept '
                 'from (select distinct batch_id from %I) as inside) as inside', day) into kept, purged;
  if purged = 0 then
    return 'kept';
  elsif kept >= purged then
    execute format('delete from %I as c where not exists (select from batch where id = batch_id and purged_at is null)', day);
    return 'deleted';
  end if;
  -- From here on nobody reads or erases a row of it: the copy is complete
  execute format('lock table %I in access exclusive mode', day);
  execute 'create temporary table if not exists kept_conversion (like conversion) on commit drop';
  execute 'truncate kept_conversion';
  execute format('insert into kept_conversion select c.* from %I as c join batch on id = batch_id where purged_at is null', day);
  execute format('truncate %I', day);
  execute format('insert into %I select * from kept_conversion', day);
  return 'emptied';
exception when lock_not_available then
  return 'in-use';
end
$$;

comment on function empty_partition is 'Deletes the conversions of a day''s partition whose batches are purged. Returns '
  'deleted, emptied, kept or in-use.';

-- in-use: its parent was locked all the time; the next run drops it.
create or replace function drop_empty_partition(day text) returns text language plpgsql set lock_timeout = '100ms' as $$
declare
  is_empty boolean;
begin
  for try in 1..10 loop
    execute format('select not exists (select from %I)', day) into is_empty;
    if not is_empty then
      return null;
    end if;
    begin
      -- Later sessions queue behind this lock, also writers: so it must not wait for long itself
      lock table only conversion in access exclusive mode;
      execute format('select not exists (select from %I)', day) into is_empty;
      if is_empty then
        execute format('drop table %I', day);
        return 'dropped';
      end if;
    exception when lock_not_available then
      perform pg_sleep(0.2);
    end;
  end loop;
  return 'in-use';
end
$$;

comment on function drop_empty_partition is 'Drops a day''s partition when it is empty. Returns dropped or '
  'in-use; null when it is not empty.';
