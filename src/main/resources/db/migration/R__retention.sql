create or replace function is_retention_over(state text, ended timestamptz, is_to_be_resent boolean,
                                             completed interval, error interval)
returns boolean language sql stable
return not is_to_be_resent
       and (state in ('completed', 'replaced') and ended < clock() - completed
            or state in ('error', 'expired') and ended < clock() - error);

comment on function is_retention_over is 'Whether a batch''s conversions are past their retention period.';

-- Some thousand at a time, those after a given one. Locked batches are left for the next run. A marked batch can no longer be sent,
-- so empty_partition may delete it at any later time.
create or replace function mark_batches_purged(day text, after uuid, completed interval, error interval) returns uuid
language plpgsql as $$
declare
  slice uuid[];
begin
  execute format('select array_agg(batch_id) from (select distinct batch_id from %I where batch_id > $1 order by batch_id '
                 'limit 5000) as slice', day) into slice using after;
  update batch
     set purged_at = clock(), rejected_rows = null
    from (select batch.id
            from batch
            join upload on upload.id = batch.upload_id
           where batch.id = any (slice) and batch.purged_at is null
             and is_retention_over(upload.state, upload.updated_at, upload.resend_at is not null, completed, error)
           order by batch.id
             for update of batch skip locked) as over
   where batch.id = over.id;
  return slice[cardinality(slice)];
end
$$;

comment on function mark_batches_purged is 'Marks batches of a day''s partition as purged whose conversions are past their '
  'retention period. Returns the last batch that was checked; null when there is none left.';

-- The ledger keeps counting them.
create or replace function delete_old_batches(keep interval, most integer) returns integer language plpgsql as $$
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

comment on function delete_old_batches is 'Deletes purged batches past their retention period, at most ''most'' at a time, '
  'with the uploads that are left without one. Returns how many batches and uploads were deleted.';
