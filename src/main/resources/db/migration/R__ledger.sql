-- Ledger. Its cost does not grow with the past: an upload that has ended is added to ledger_sum once, with its batches, and so is a
-- withdrawn batch. Everything else is counted when the ledger is read.

-- Subtracts the batches as they were and adds them as they are. Their uploads cannot be summed up until this is committed. Batches
-- that join an upload are not counted here, since that has not ended then.
create or replace function recount_batches() returns trigger language plpgsql as $$
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

  insert into ledger_sum (webhook_id, status, accepted, duplicate, erased)
  select version.webhook_id, p.status, sum(times * total), sum(times * total::bigint * repeated), sum(times * erased)
    from (select webhook_id, upload_id, withdrawn_at, total, erased, repeated, -1 as times from old_batch
          union all
          select webhook_id, upload_id, withdrawn_at, total, erased, repeated, 1 from new_batch) as version
    left join upload on upload.id = version.upload_id
   cross join lateral (select case when withdrawn_at is null then counted_as else 'withdrawn' end as status) as p
   where p.status is not null
   group by version.webhook_id, p.status
  having (sum(times * total), sum(times * total::bigint * repeated), sum(times * erased)) <> (0, 0, 0);
  return null;
end
$$;

comment on function recount_batches is 'Adds to ledger_sum what changed in batches that are in it, or come to be.';

create or replace trigger recount_batches after update on batch referencing old table as old_batch new table as new_batch
  for each statement execute function recount_batches();

-- For imported data; the product itself never inserts such a batch.
create or replace function count_new_batch() returns trigger language plpgsql as $$
declare
  status text := 'withdrawn';
begin
  if new.withdrawn_at is null then
    select counted_as into status from upload where id = new.upload_id for key share;
  end if;
  if status is not null then
    insert into ledger_sum (webhook_id, status, accepted, duplicate, erased)
    values (new.webhook_id, status, new.total, new.total::bigint * new.repeated, new.erased);
  end if;
  return null;
end
$$;

comment on function count_new_batch is 'Adds to ledger_sum a batch that is stored as part of an upload, or as '
  'withdrawn.';

create or replace trigger count_new_batch after insert on batch for each row
  when (new.upload_id is not null or new.withdrawn_at is not null)
  execute function count_new_batch();

create or replace function add_uploads_to_ledger(uploads bigint[], times integer) returns void language sql as $$
  insert into ledger_sum (webhook_id, status, accepted, duplicate, erased)
  select batch.webhook_id, upload.counted_as, times * sum(total), times * sum(total::bigint * repeated), times * sum(erased)
    from upload
    join batch on batch.upload_id = upload.id
   where upload.id = any (uploads) and batch.withdrawn_at is null
   group by batch.webhook_id, upload.counted_as
$$;

comment on function add_uploads_to_ledger is 'Adds what is in uploads to ledger_sum (times 1), or takes it away '
  '(times -1).';

-- At the end of the transaction, when recount_batches has seen its batches.
create or replace function reopen_upload() returns trigger language plpgsql as $$
begin
  perform from upload where id = new.id and counted_as is not null for update;
  if found then
    perform add_uploads_to_ledger(array[new.id], -1);
    update upload set counted_as = null where id = new.id;
  end if;
  return null;
end
$$;

comment on function reopen_upload is 'Takes out of ledger_sum an upload that was summed up and goes on after all, or '
  'is replaced.';

set local client_min_messages = warning; -- that there is none yet at first
drop trigger if exists reopen_upload on upload;
create constraint trigger reopen_upload after update of state on upload deferrable initially deferred for each row
  when (new.state <> old.counted_as)
  execute function reopen_upload();

-- The uploads are locked first and read by a later statement, which so sees what was changed in their batches until then. Locked
-- uploads are left for the next run. The many rows of ledger_sum are merged into one.
create or replace function sum_up_ledger(most_conversions bigint) returns integer language plpgsql as $$
declare
  ended bigint[];
begin
  if not pg_try_advisory_xact_lock(hashtextextended('ledger', 0)) then
    return 0; -- another process works on it
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
     where (webhook_id, status) in (select webhook_id, status from ledger_sum group by webhook_id, status having count(*) > 1)
    returning *
  )
  insert into ledger_sum (webhook_id, status, accepted, duplicate, erased)
  select webhook_id, status, sum(accepted), sum(duplicate), sum(erased) from many group by webhook_id, status;
  return coalesce(cardinality(ended), 0);
end
$$;

comment on function sum_up_ledger is 'Sums up uploads that have ended, some conversions'' worth at a time. Answers '
  'how many uploads they were.';

create or replace view ledger as
select webhook.id as webhook_id,
       webhook.name,
       coalesce(sum(accepted + duplicate), 0)::bigint as received,
       coalesce(sum(duplicate), 0)::bigint as duplicate,
       coalesce(sum(accepted), 0)::bigint as accepted,
       coalesce(sum(accepted - erased) filter (where status in ('accepted', 'planned')), 0)::bigint as waiting,
       coalesce(sum(accepted - erased) filter (where status in ('uploaded', 'processing')), 0)::bigint as in_flight,
       coalesce(sum(accepted - erased) filter (where status = 'completed'), 0)::bigint as completed,
       coalesce(sum(accepted - erased) filter (where status = 'error'), 0)::bigint as error,
       coalesce(sum(accepted - erased) filter (where status = 'withdrawn'), 0)::bigint as withdrawn,
       coalesce(sum(accepted - erased) filter (where status = 'expired'), 0)::bigint as expired,
       coalesce(sum(erased), 0)::bigint as erased
  from webhook
  left join (
    select webhook_id, status, accepted, duplicate, erased
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

comment on view ledger is 'Where every conversion is. received = accepted + duplicate; accepted = waiting + in_flight '
  '+ completed + error + withdrawn + expired + erased.';
