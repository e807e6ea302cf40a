-- The ledger's cost does not grow with what is over: an upload that has ended is summed up once, with its batches, and so is a
-- batch that was withdrawn. What is not over is added when the ledger is asked for.

-- The final state as which the upload's batches are in ledger_sum; null: they are not, and are read one by one.
alter table upload add counted_as text;

create index upload_uncounted on upload (id) where counted_as is null;
create index upload_counted on upload (updated_at) where counted_as is not null;
create index batch_withdrawn_at on batch (withdrawn_at) where withdrawn_at is not null;

-- Numbers of conversions, by where they are: completed, error, expired or withdrawn; in as many rows as there are. Who has
-- something to add or to take away adds a row, so that nobody waits for anybody; sum_up_ledger makes one of them. No foreign
-- key: it would lock the webhook.
create table ledger_sum (
  webhook_id uuid not null,
  place      text not null,
  accepted   bigint not null,
  duplicate  bigint not null,
  erased     bigint not null
);

alter table ledger_sum set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Batches changed that are in ledger_sum, or come to be: what they were is taken away, what they are is added. Their uploads are
-- kept from being summed up until this is committed. The many that join an upload, which has not ended then, are none of these.
create function recount_batches() returns trigger language plpgsql as $$
begin
  if not exists (select from old_batch where upload_id is not null or withdrawn_at is not null)
     and not exists (select from new_batch where withdrawn_at is not null) then
    return null;
  end if;

  perform from upload
    where id in (select unnest(array[o.upload_id, n.upload_id])
                   from old_batch o
                   join new_batch n using (id)
                  where (o.upload_id, o.withdrawn_at is null, o.total, o.erased, o.repeated)
                        is distinct from (n.upload_id, n.withdrawn_at is null, n.total, n.erased, n.repeated))
    order by id
      for key share;

  insert into ledger_sum (webhook_id, place, accepted, duplicate, erased)
  select version.webhook_id, p.place, sum(times * total), sum(times * total::bigint * repeated), sum(times * erased)
    from (select webhook_id, upload_id, withdrawn_at, total, erased, repeated, -1 as times from old_batch
          union all
          select webhook_id, upload_id, withdrawn_at, total, erased, repeated, 1 from new_batch) as version
    left join upload on upload.id = version.upload_id
   cross join lateral (select case when withdrawn_at is null then counted_as else 'withdrawn' end as place) as p
   where p.place is not null
   group by version.webhook_id, p.place
  having (sum(times * total), sum(times * total::bigint * repeated), sum(times * erased)) <> (0, 0, 0);
  return null;
end
$$;

create trigger recount_batches after update on batch referencing old table as old_batch new table as new_batch
  for each statement execute function recount_batches();

-- A batch that is stored as part of an upload, or as withdrawn: as data that is taken over, never as the product writes it.
create function count_new_batch() returns trigger language plpgsql as $$
declare
  place text := 'withdrawn';
begin
  if new.withdrawn_at is null then
    select counted_as into place from upload where id = new.upload_id for key share;
  end if;
  if place is not null then
    insert into ledger_sum (webhook_id, place, accepted, duplicate, erased)
    values (new.webhook_id, place, new.total, new.total::bigint * new.repeated, new.erased);
  end if;
  return null;
end
$$;

create trigger count_new_batch after insert on batch for each row
  when (new.upload_id is not null or new.withdrawn_at is not null)
  execute function count_new_batch();

-- Adds what is in uploads to ledger_sum (times 1), or takes it away (times -1).
create function add_uploads_to_ledger(uploads bigint[], times integer) returns void language sql as $$
  insert into ledger_sum (webhook_id, place, accepted, duplicate, erased)
  select batch.webhook_id, upload.counted_as, times * sum(total), times * sum(total::bigint * repeated), times * sum(erased)
    from upload
    join batch on batch.upload_id = upload.id
   where upload.id = any (uploads) and batch.withdrawn_at is null
   group by batch.webhook_id, upload.counted_as
$$;

-- An upload that was summed up goes on after all, or is replaced. At the end of the transaction, when recount_batches has
-- seen its batches.
create function reopen_upload() returns trigger language plpgsql as $$
begin
  perform from upload where id = new.id and counted_as is not null for update;
  if found then
    perform add_uploads_to_ledger(array[new.id], -1);
    update upload set counted_as = null where id = new.id;
  end if;
  return null;
end
$$;

create constraint trigger reopen_upload after update of state on upload deferrable initially deferred for each row
  when (new.state <> old.counted_as)
  execute function reopen_upload();

-- Sums up uploads that have ended, some conversions' worth at a time, and makes one row of many. Answers how many uploads they
-- were. They are locked first and read by a later statement, which so sees what was changed in their batches until then; an
-- upload that somebody is at is left for the next time.
create function sum_up_ledger(most_conversions bigint) returns integer language plpgsql as $$
declare
  ended bigint[];
begin
  if not pg_try_advisory_xact_lock(hashtextextended('ledger', 0)) then
    return 0; -- another process is at it
  end if;

  with locked as (
    select id, conversions
      from upload
     where counted_as is null and state in ('completed', 'error', 'expired', 'replaced')
     order by id
     limit 5000
       for update skip locked
  ), placed as (
    select id, sum(conversions) over (order by id) - conversions as before from locked
  )
  select array_agg(id) into ended from placed where before < most_conversions;

  if ended is not null then
    update upload set counted_as = state where id = any (ended);
    perform add_uploads_to_ledger(ended, 1);
  end if;

  delete from ledger_sum where not exists (select from webhook where id = webhook_id);
  with many as (
    delete from ledger_sum
     where (webhook_id, place) in (select webhook_id, place from ledger_sum group by webhook_id, place having count(*) > 1)
    returning *
  )
  insert into ledger_sum (webhook_id, place, accepted, duplicate, erased)
  select webhook_id, place, sum(accepted), sum(duplicate), sum(erased) from many group by webhook_id, place;
  return coalesce(cardinality(ended), 0);
end
$$;

-- What was withdrawn so far. Uploads that have ended are summed up when the product runs.
insert into ledger_sum (webhook_id, place, accepted, duplicate, erased)
select webhook_id, 'withdrawn', sum(total), sum(total::bigint * repeated), sum(erased)
  from batch
 where withdrawn_at is not null
 group by webhook_id;

-- Where every conversion is. received = accepted + duplicate;
-- accepted = waiting + in_flight + completed + error + withdrawn + expired + erased.
create or replace view ledger as
select webhook.id as webhook_id,
       webhook.name,
       coalesce(sum(accepted + duplicate), 0)::bigint as received,
       coalesce(sum(duplicate), 0)::bigint as duplicate,
       coalesce(sum(accepted), 0)::bigint as accepted,
       coalesce(sum(accepted - erased) filter (where place in ('accepted', 'planned')), 0)::bigint as waiting,
       coalesce(sum(accepted - erased) filter (where place in ('uploaded', 'processing')), 0)::bigint as in_flight,
       coalesce(sum(accepted - erased) filter (where place = 'completed'), 0)::bigint as completed,
       coalesce(sum(accepted - erased) filter (where place = 'error'), 0)::bigint as error,
       coalesce(sum(accepted - erased) filter (where place = 'withdrawn'), 0)::bigint as withdrawn,
       coalesce(sum(accepted - erased) filter (where place = 'expired'), 0)::bigint as expired,
       coalesce(sum(erased), 0)::bigint as erased
  from webhook
  left join (
    select webhook_id, place, accepted, duplicate, erased
      from ledger_sum
    union all
    select id, 'accepted', accepted, duplicate, erased
      from webhook
     cross join lateral (
       select sum(total) as accepted, sum(total::bigint * repeated) as duplicate, sum(erased) as erased
         from batch
        where batch.webhook_id = webhook.id and upload_id is null and withdrawn_at is null) as waiting
    union all
    select held.webhook_id, state, accepted, duplicate, erased
      from upload
     cross join lateral (
       select batch.webhook_id, sum(total) as accepted, sum(total::bigint * repeated) as duplicate, sum(erased) as erased
         from batch
        where upload_id = upload.id and withdrawn_at is null
        group by batch.webhook_id) as held
     where counted_as is null) as part on part.webhook_id = webhook.id
 group by webhook.id, webhook.name;

-- Retention. The intake writes into the table of today by way of its parent; so nothing here takes a lock on the parent, but
-- to drop a table that is empty already, for which it waits a tenth of a second. What is slow locks a table of the past alone.

-- Makes the tables of today and of the days after it, by the time of ids, which is the machine's. A table is made by
-- itself and then attached: that waits for no reader and no writer of other days. Answers the days whose table was made, and
-- those for which it could not be: the next run, days ahead, finds another moment.
drop function add_days(integer);
create function add_days(ahead integer) returns table (day date, is_made boolean) language plpgsql set lock_timeout = '1s' as $$
begin
  if not pg_try_advisory_xact_lock(hashtextextended('days of conversions', 0)) then
    return; -- another process is at it
  end if;
  foreach day in array array(select (now() at time zone 'UTC')::date + n from generate_series(0, ahead) as n order by n) loop
    if exists (select from conversion_day where first < first_id(day + 1) and next > first_id(day))
       -- Its table was missing when they came: they stay where they are
       or exists (select from conversion_other where batch_id >= first_id(day) and batch_id < first_id(day + 1)) then
      continue;
    end if;
    begin
      execute format('create table %I (like conversion including all)', 'conversion_' || to_char(day, 'YYYYMMDD'));
      execute format('alter table conversion attach partition %I for values from (%L) to (%L)',
                     'conversion_' || to_char(day, 'YYYYMMDD'), first_id(day), first_id(day + 1));
      is_made := true;
    exception when lock_not_available or check_violation then
      is_made := false; -- the table that days without one share is in use
    end;
    return next;
  end loop;
end
$$;

drop function drop_a_day(interval, interval);

-- Marks batches of a day's table as purged whose conversions have been kept for their time: some thousand at a time, those
-- that come after one. Answers the last one that was looked at, to go on after; null when there is none left. One that
-- somebody is at is left for the next run. Nobody can send what is marked, and so empty_day deletes it without hurry.
create function purge_batches(day text, after uuid, completed interval, error interval) returns uuid language plpgsql as $$
declare
  slice uuid[];
begin
  execute format('select array_agg(batch_id) from (select distinct batch_id from %I where batch_id > $1 order by batch_id '
                 'limit 5000) as slice', day) into slice using after;
  update batch
     set purged_at = clock(), refused = null
    from (select batch.id
            from batch
            join upload on upload.id = batch.upload_id
           where batch.id = any (slice) and batch.purged_at is null
             and is_kept_long_enough(upload.state, upload.updated_at, upload.relink_at is not null, completed, error)
           order by batch.id
             for update of batch skip locked) as over
   where batch.id = over.id;
  return slice[cardinality(slice)];
end
$$;

-- Deletes the conversions of a day's table whose batches are purged. What has to be kept longer stays: where it is less than
-- what goes, it is laid aside while the whole table is emptied at once. Answers what was done: deleted (row by row), emptied,
-- kept (nothing was to be deleted), or in-use: somebody held the table for too long, and the next run goes on from here.
create function empty_day(day text) returns text language plpgsql set lock_timeout = '1s' as $$
declare
  kept   bigint;
  purged bigint;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('days of conversions', 0)) then
    return 'in-use'; -- another process is at it
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
  -- From here on nobody reads or erases a row of it: what is laid aside is what is there
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

-- Drops a day's table when nothing is left in it. Answers dropped; or in-use: its parent was in use all the time, and the next
-- run drops it; or null when there is something in it.
create function drop_empty_day(day text) returns text language plpgsql set lock_timeout = '100ms' as $$
declare
  is_empty boolean;
begin
  for try in 1..10 loop
    execute format('select not exists (select from %I)', day) into is_empty;
    if not is_empty then
      return null;
    end if;
    begin
      -- Who comes after this waits behind it, also to write: so it does not wait for long itself
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

-- Deletes batches that are over and purged for longer than they are kept, most of them at a time, with the uploads that are
-- left without one. The ledger goes on counting them. Answers how many batches and uploads they were.
create function delete_old_batches(keep interval, most integer) returns integer language plpgsql as $$
declare
  batches integer;
  uploads integer;
begin
  with ended as (
    select batch.id
      from upload
      join batch on batch.upload_id = upload.id
     where upload.counted_as is not null and upload.updated_at < clock() - keep and batch.purged_at is not null
     order by upload.updated_at
     limit most
       for update of batch skip locked
       for key share of upload skip locked
  ), withdrawn as (
    select id
      from batch
     where withdrawn_at < clock() - keep and upload_id is null and purged_at is not null
     order by withdrawn_at
     limit most
       for update skip locked
  )
  delete from batch where id in (select id from ended union all select id from withdrawn);
  get diagnostics batches = row_count;

  delete from upload
   where id in (select id
                  from upload
                 where counted_as is not null and updated_at < clock() - keep
                   and not exists (select from batch where batch.upload_id = upload.id)
                 order by updated_at
                 limit most
                   for update skip locked);
  get diagnostics uploads = row_count;
  return batches + uploads;
end
$$;
