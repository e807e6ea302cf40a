-- Tallies. Triggers write them, so that no statement can forget to: one row for each webhook and outcome that a statement
-- changes, however many batches it changes.
--
-- accepted, duplicate, refused, erased, withdrawn, sent, linked, unlinked, not_taken, goal_not_found, failed and the outcomes of
-- uploads (upload_...) only grow. in_flight, completed, error and expired are where conversions are now: they fall when
-- conversions go on. What waits is the rest: accepted - in_flight - completed - error - expired - withdrawn - erased.

create or replace function this_hour() returns timestamptz language sql stable
return date_trunc('hour', clock(), 'UTC');

create or replace function tally_new_batches() returns trigger language plpgsql as $$
begin
  insert into tally_change (webhook_id, hour, source, outcome, quantity)
  select webhook_id, this_hour(), source, 'accepted', sum(total) from new_batch group by webhook_id, source;
  return null;
end
$$;

comment on function tally_new_batches is 'Adds to the tallies what is stored.';

create or replace trigger tally_new_batches after insert on batch referencing new table as new_batch
  for each statement execute function tally_new_batches();

-- For imported data; the product itself never inserts such a batch.
create or replace function tally_imported_batch() returns trigger language plpgsql as $$
begin
  update upload set batch_conversions = batch_conversions + new.total - new.erased where id = new.upload_id;
  insert into tally_change (webhook_id, hour, source, outcome, quantity)
  select new.webhook_id, this_hour(), t.source, outcome, quantity
    from (values (new.source, 'duplicate', new.total::bigint * new.repeated),
                 ('', 'erased', new.erased),
                 ('', 'withdrawn', case when new.withdrawn_at is not null then new.total - new.erased end))
      as t (source, outcome, quantity)
   where quantity <> 0;
  return null;
end
$$;

comment on function tally_imported_batch is 'Adds to the tallies a batch that is stored as part of an upload, or as withdrawn.';

create or replace trigger tally_imported_batch after insert on batch for each row
  when (new.upload_id is not null or new.withdrawn_at is not null)
  execute function tally_imported_batch();

create or replace function tally_batches() returns trigger language plpgsql as $$
begin
  insert into tally_change (webhook_id, hour, source, outcome, quantity)
  select version.webhook_id, this_hour(), t.source, outcome, sum(times * quantity)
    from (select webhook_id, source, withdrawn_at, total, erased, repeated, -1 as times from old_batch
          union all
          select webhook_id, source, withdrawn_at, total, erased, repeated, 1 from new_batch) as version
   cross join lateral (values (version.source, 'duplicate', total::bigint * repeated),
                              ('', 'erased', erased),
                              ('', 'withdrawn', case when withdrawn_at is not null then total - erased end))
      as t (source, outcome, quantity)
   where quantity <> 0
   group by version.webhook_id, t.source, outcome
  having sum(times * quantity) <> 0;

  -- In order, so that two such statements do not wait for each other, and before they are changed: PostgreSQL 18.0 and 18.1
  -- can pass over what an update with a join has to wait for.
  perform from upload
    where id in (select unnest(array[o.upload_id, n.upload_id])
                   from old_batch o
                   join new_batch n using (id)
                  where (o.upload_id, o.total, o.erased) is distinct from (n.upload_id, n.total, n.erased))
    order by id
      for no key update;

  update upload
     set batch_conversions = batch_conversions + changed.quantity
    from (select upload_id, sum(times * (total - erased)) as quantity
            from (select upload_id, total, erased, -1 as times from old_batch
                  union all
                  select upload_id, total, erased, 1 from new_batch) as version
           where upload_id is not null
           group by upload_id
          having sum(times * (total - erased)) <> 0) as changed
   where upload.id = changed.upload_id;
  return null;
end
$$;

comment on function tally_batches is 'Adds to the tallies what changed in batches, and keeps upload.batch_conversions.';

create or replace trigger tally_batches after update on batch referencing old table as old_batch new table as new_batch
  for each statement execute function tally_batches();

create or replace function place_of(state text) returns text language sql immutable
return case when state in ('uploaded', 'processing') then 'in_flight'
            when state in ('completed', 'error', 'expired') then state end;

comment on function place_of is 'Where the conversions of an upload are, of the states that it can have; null while it waits, and '
  'when others have taken its place.';

create or replace function tally_upload() returns trigger language plpgsql as $$
begin
  insert into tally_change (webhook_id, hour, outcome, code, quantity)
  select new.webhook_id, this_hour(), outcome, coalesce(code, ''), sum(quantity)
    from (values (place_of(old.state), '', -old.batch_conversions),
                 (place_of(new.state), '', new.batch_conversions)) as place (outcome, code, quantity)
   where outcome is not null
   group by outcome, code
  having sum(quantity) <> 0;

  if new.state <> old.state and new.state <> 'planned' then
    insert into tally_change (webhook_id, hour, outcome, code, quantity)
    select new.webhook_id, this_hour(), outcome, coalesce(code, ''), quantity
      from (values ('sent', '', case when old.state = 'planned' and new.state = 'uploaded' then new.conversions end),
                   ('linked', '', case when new.state in ('completed', 'error') then new.linked_quantity end),
                   ('unlinked', '', case when new.state in ('completed', 'error') then new.conversions - new.linked_quantity end),
                   ('not_taken', '', case when new.state in ('completed', 'error') then new.conversions - new.line_quantity end),
                   ('goal_not_found', '', case when new.state in ('completed', 'error') then new.goal_not_found_quantity end),
                   ('failed', new.errors -> -1 ->> 'code', case when new.state in ('error', 'expired') then new.batch_conversions end),
                   ('upload_' || new.state, '', case when new.state <> 'processing' then 1 end))
        as event (outcome, code, quantity)
     where quantity > 0;
  end if;
  return null;
end
$$;

comment on function tally_upload is 'Adds to the tallies where the conversions of an upload went, and how it ended.';

create or replace trigger tally_upload after update of state, batch_conversions on upload for each row
  when (new.state <> old.state or new.batch_conversions <> old.batch_conversions)
  execute function tally_upload();

create or replace function merge_tallies() returns integer language plpgsql as $$
declare
  changes integer;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('tallies', 0)) then
    return 0; -- another process works on it
  end if;
  with change as materialized (
    delete from tally_change returning *
  ), by_hour as (
    insert into tally (webhook_id, hour, source, outcome, code, quantity)
    select webhook_id, hour, source, outcome, code, sum(quantity)
      from change
     group by webhook_id, hour, source, outcome, code
    having sum(quantity) <> 0
        on conflict (webhook_id, hour, source, outcome, code) do update set quantity = tally.quantity + excluded.quantity
  ), in_course as (
    insert into tally_course (hour, source, outcome, quantity)
    select hour, source, outcome, sum(quantity)
      from change
     group by hour, source, outcome
    having sum(quantity) <> 0
        on conflict (hour, source, outcome) do update set quantity = tally_course.quantity + excluded.quantity
  ), in_total as (
    insert into tally_total (webhook_id, source, outcome, code, quantity)
    select webhook_id, source, outcome, code, sum(quantity)
      from change
     group by webhook_id, source, outcome, code
    having sum(quantity) <> 0
        on conflict (webhook_id, source, outcome, code) do update set quantity = tally_total.quantity + excluded.quantity, changed_at = excluded.changed_at
  )
  select count(*) into changes from change;
  return changes;
end
$$;

comment on function merge_tallies is 'Adds what was added to the tallies to those of its hour, by webhook and all together, and to those of '
  'all time. Returns how many changes there were.';

-- What deleted webhooks had is kept under the nil UUID, but not where their conversions were, since they are nowhere now.
create or replace function compact_tallies(hours interval, days interval) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('tallies', 0));
  with old as (
    delete from tally
     where hour < date_trunc('day', clock() - hours, 'UTC') and (hour at time zone 'UTC')::time <> '00:00'
    returning *
  )
  insert into tally (webhook_id, hour, source, outcome, code, quantity)
  select webhook_id, date_trunc('day', hour, 'UTC'), source, outcome, code, sum(quantity)
    from old
   group by webhook_id, date_trunc('day', hour, 'UTC'), source, outcome, code
      on conflict (webhook_id, hour, source, outcome, code) do update set quantity = tally.quantity + excluded.quantity;
  delete from tally where hour < clock() - days;
  delete from tally_course where hour < clock() - days;

  delete from tally using deleted_webhook where webhook_id = deleted_webhook.id;
  with gone as (
    delete from tally_total using deleted_webhook where webhook_id = deleted_webhook.id returning tally_total.*
  )
  insert into tally_total (webhook_id, source, outcome, code, quantity)
  select '00000000-0000-0000-0000-000000000000', source, outcome, code, sum(quantity)
    from gone
   where outcome not in ('in_flight', 'completed', 'error', 'expired')
   group by source, outcome, code
      on conflict (webhook_id, source, outcome, code) do update set quantity = tally_total.quantity + excluded.quantity;
end
$$;

comment on function compact_tallies is 'Merges tallies older than ''hours'' by day, deletes those older than ''days'', and takes those of '
  'deleted webhooks together.';

create or replace view tally_now as
select webhook_id, source, outcome, code, sum(quantity)::bigint as quantity
  from (select webhook_id, source, outcome, code, quantity from tally_total
        union all
        select webhook_id, source, outcome, code, quantity from tally_change) as part
 group by webhook_id, source, outcome, code;

comment on view tally_now is 'The tallies of all time, as they are at this moment.';

create or replace view tally_by_hour as
select webhook_id, hour, source, outcome, code, sum(quantity)::bigint as quantity
  from (table tally union all table tally_change) as part
 group by webhook_id, hour, source, outcome, code;

comment on view tally_by_hour is 'The tallies by hour, as they are at this moment.';

-- The same numbers as the ledger, which is made from the batches.
create or replace view tally_ledger as
select webhook.id as webhook_id,
       coalesce(sum(quantity) filter (where outcome in ('accepted', 'duplicate')), 0)::bigint as received,
       coalesce(sum(quantity) filter (where outcome = 'duplicate'), 0)::bigint as duplicate,
       coalesce(sum(quantity) filter (where outcome = 'accepted'), 0)::bigint as accepted,
       coalesce(sum(case when outcome = 'accepted' then quantity else -quantity end)
                  filter (where outcome in ('accepted', 'in_flight', 'completed', 'error', 'withdrawn', 'expired', 'erased')),
                0)::bigint as waiting,
       coalesce(sum(quantity) filter (where outcome = 'in_flight'), 0)::bigint as in_flight,
       coalesce(sum(quantity) filter (where outcome = 'completed'), 0)::bigint as completed,
       coalesce(sum(quantity) filter (where outcome = 'error'), 0)::bigint as error,
       coalesce(sum(quantity) filter (where outcome = 'withdrawn'), 0)::bigint as withdrawn,
       coalesce(sum(quantity) filter (where outcome = 'expired'), 0)::bigint as expired,
       coalesce(sum(quantity) filter (where outcome = 'erased'), 0)::bigint as erased
  from webhook
  left join (select webhook_id, outcome, quantity from tally_total
             union all
             select webhook_id, outcome, quantity from tally_change) as part on part.webhook_id = webhook.id
 group by webhook.id;

comment on view tally_ledger is 'Where every conversion is, by the tallies. It agrees with the view ledger at any moment.';

create or replace view tally_of_all as
select outcome, sum(quantity)::bigint as quantity
  from (select webhook_id, outcome, quantity from tally_total
        union all
        select webhook_id, outcome, quantity from tally_change) as part
 where webhook_id in (select id from webhook)
 group by outcome;

comment on view tally_of_all is 'The tallies of all time and all webhooks, but for deleted ones, as they are at this moment.';
