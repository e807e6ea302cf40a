-- Erasure. Each function locks only what it deletes from: first the uploads, then the batches, each in the order of their ids, as
-- every statement does. These are functions, since after a wait for a lock the rows have to be read again: a single statement
-- sees the state at its start.

create or replace function delete_erased_conversions(of_batches uuid[]) returns void language sql as $$
  with due as materialized (
    select batch_id, position from pending_erasure where batch_id = any (of_batches)
  ), unmarked as (
    delete from pending_erasure as mark using due where mark.batch_id = due.batch_id and mark.position = due.position
  ), deleted as (
    delete from conversion using due
     where conversion.batch_id = any (of_batches) -- so that no other partition is read
       and conversion.batch_id = due.batch_id and conversion.position = due.position
    returning conversion.batch_id
  ), touched as materialized (
    select batch.id, batch.upload_id, gone.rows, batch.total = batch.erased + gone.rows as is_empty,
           batch.upload_id is null or upload.state = 'planned' and upload.kept_status is null as is_unsent
      from (select batch_id, count(*)::int as rows from deleted group by batch_id) as gone
      join batch on batch.id = gone.batch_id
      left join upload on upload.id = batch.upload_id
  ), batches as (
    update batch
       set erased       = batch.erased + touched.rows,
           upload_id    = case when not (is_empty and is_unsent) then batch.upload_id end,
           withdrawn_at = case when is_empty and is_unsent then clock() else withdrawn_at end,
           purged_at    = case when is_empty then clock() else purged_at end
      from touched
     where batch.id = touched.id
  ), smaller as materialized (
    select upload.id, sum(touched.rows) as rows, upload.conversions = sum(touched.rows) as is_empty
      from touched
      join upload on upload.id = touched.upload_id
     where upload.state = 'planned'
     group by upload.id, upload.conversions
  )
  update upload
     set conversions      = upload.conversions - smaller.rows,
         state            = case when is_empty then coalesce(kept_status, 'replaced') else state end,
         next_attempt_at  = case when not is_empty then next_attempt_at end,
         lease_expires_at = case when not is_empty then lease_expires_at end,
         updated_at       = clock()
    from smaller
   where upload.id = smaller.id
$$;

comment on function delete_erased_conversions is 'Deletes the conversions marked for erasure of batches that the caller has '
  'locked, with the uploads that they are in. A batch of which nothing is left that could be sent counts as '
  'withdrawn, an upload as replaced.';

create or replace function is_possibly_sent(state text, lease_expires_at timestamptz, unknown_since timestamptz) returns boolean
language sql immutable
return state = 'planned' and (lease_expires_at is not null or unknown_since is not null);

comment on function is_possibly_sent is 'Whether an upload is being sent, or its outcome is unknown: nothing of it is '
  'deleted then.';

-- Rows that are locked are left for the next run. Marks of deleted batches are deleted too.
create or replace function apply_pending_erasures() returns void language plpgsql as $$
declare
  free    bigint[];
  batches uuid[];
begin
  if not exists (select from pending_erasure) then
    return;
  end if;
  select coalesce(array_agg(id), '{}') into free
    from (select id
            from upload
           where id in (select upload_id from batch where id in (select batch_id from pending_erasure))
             and not is_possibly_sent(state, lease_expires_at, unknown_since)
           order by id
             for no key update skip locked) as locked;
  select array_agg(id) into batches
    from (select id
            from batch
           where id in (select batch_id from pending_erasure) and (upload_id is null or upload_id = any (free))
           order by id
             for no key update skip locked) as locked;
  perform delete_erased_conversions(batches);
  delete from pending_erasure where not exists (select from batch where batch.id = pending_erasure.batch_id);
end
$$;

comment on function apply_pending_erasures is 'Deletes the conversions marked for erasure that are in no file on its way.';

-- To be called when Metrika certainly does not have the file. Waits for a lock a few seconds; then it fails, and the upload is not
-- sent. Returns what is left of it:
--   unchanged   nothing was marked: the rows that were read before can be sent
--   changed     rows were deleted: the rest has to be read again
--   empty       no row is left: it is not sent
--   lease-lost  the lease was lost: another process may be sending it
create or replace function erase_from_upload(the_upload bigint, the_claim_number integer) returns text language plpgsql as $$
declare
  batches uuid[];
begin
  perform set_config('lock_timeout', '5s', true);
  perform from upload
    where id = the_upload and claim_number = the_claim_number and lease_expires_at is not null and state = 'planned'
      for no key update;
  if not found then
    return 'lease-lost';
  end if;
  select array_agg(id) into batches
    from (select id
            from batch
           where upload_id = the_upload and id in (select batch_id from pending_erasure)
           order by id
             for no key update) as locked;
  if batches is null then
    return 'unchanged';
  end if;
  perform delete_erased_conversions(batches);
  return case when exists (select from upload where id = the_upload and state = 'planned') then 'changed' else 'empty' end;
end
$$;

comment on function erase_from_upload is 'Deletes the conversions marked for erasure from an upload that is about to be sent. '
  'Returns what is left of it: unchanged, changed, empty or lease-lost.';

create or replace function bare_text(given text) returns text language sql immutable
return regexp_replace(given, '[\s\u00a0\u200b-\u200f\u2060\ufeff''"=]', '', 'g');

comment on function bare_text is 'A text without blanks, invisible signs and those by which spreadsheets mark texts.';

-- A refused row may have an identifier under any name, and with signs around it for which it was refused; a message that could not
-- be read is a text, which may have it at any place.
-- A row of a file may have it within a cell, as among cookies or in JSON that is a text: there it is looked for as a word. Short
-- numbers stand in too many texts.
create or replace function erase_refused_rows(of_webhook uuid, identifiers text[]) returns void language sql as $$
  delete from refused_row
   where webhook_id = of_webhook
     and exists (select
                   from jsonb_path_query(content, 'lax $.**') as value
                  where bare_text(value #>> '{}') = any (select bare_text(identifier)
                                                           from unnest(identifiers) as identifier
                                                          where identifier <> '')
                     or jsonb_typeof(content) = 'array' and jsonb_array_length(content) = 1
                        and exists (select
                                      from unnest(identifiers) as identifier
                                     where identifier <> ''
                                       and value #>> '{}' ~ ('(?<![[:alnum:]])'
                                                             || regexp_replace(identifier, '([^[:alnum:]])', '\\\1', 'g')
                                                             || '(?![[:alnum:]])'))
                     or file is not null
                        and jsonb_typeof(value) = 'string'
                        and regexp_split_to_array(value #>> '{}', '[^[:alnum:]._@+-]+')
                            && array(select identifier from unnest(identifiers) as identifier where length(identifier) > 5))
$$;

comment on function erase_refused_rows is 'Deletes the refused rows of a webhook that hold one of the identifiers, in whatever '
  'field.';

-- Conversions in a file on its way are marked, and deleted as soon as its outcome is known. Returns, by batch: its previous status,
-- its metrika_upload_id, the number of conversions, whether they are only marked, and whether Metrika has had them before and they
-- wait to be sent again.
create or replace function erase_person(of_webhook uuid, a_client_id text, a_user_id text, a_yclid text, a_purchase_id text)
returns table (batch_id uuid, status text, metrika_upload_id bigint, conversions bigint, is_pending boolean, is_again boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  batches   uuid[]; -- of each conversion found
  positions integer[];
  uploads   bigint[];
  held      uuid[];
  free      uuid[];
begin
  perform set_config('lock_timeout', '3s', true);
  perform erase_refused_rows(of_webhook, array[a_client_id, a_user_id, a_yclid, a_purchase_id]);
  select array_agg(c.batch_id), array_agg(c.position) into batches, positions
    from batch b
    join conversion c on c.batch_id = b.id
   where b.webhook_id = of_webhook and b.purged_at is null
     and (c.client_id = a_client_id or c.user_id = a_user_id or c.yclid = a_yclid or c.purchase_id = a_purchase_id);
  if batches is null then
    return;
  end if;
  select coalesce(array_agg(id), '{}') into uploads
    from (select id
            from upload
           where id in (select upload_id from batch where id = any (batches))
           order by id
             for no key update) as locked;
  select array_agg(id) into held
    from (select id from batch where id = any (batches) order by id for no key update) as locked;
  -- A batch that has joined another upload meanwhile may be on its way with that
  select coalesce(array_agg(batch.id), '{}') into free
    from batch
    left join upload on upload.id = batch.upload_id
   where batch.id = any (held)
     and (batch.upload_id is null
          or batch.upload_id = any (uploads)
             and not is_possibly_sent(upload.state, upload.lease_expires_at, upload.unknown_since));

  return query
    with found as materialized (
      select c.batch_id, c.position
        from unnest(batches, positions) as f (batch_id, position)
        join conversion c on c.batch_id = f.batch_id and c.position = f.position
       where c.batch_id = any (held)
    ), marked as (
      insert into pending_erasure (batch_id, position) select batch_id, position from found
          on conflict do nothing
    )
    select batch.id, batch_status.status, upload.metrika_upload_id, found.conversions, batch.id <> all (free),
           coalesce(upload.kept_status is not null, false)
      from (select batch_id, count(*) as conversions from found group by batch_id) as found
      join batch on batch.id = found.batch_id
      join batch_status on batch_status.batch_id = found.batch_id
      left join upload on upload.id = batch.upload_id;
  perform delete_erased_conversions(free);
end
$$;

comment on function erase_person is 'Deletes the conversions and refused rows of a webhook that have one of the identifiers, and '
  'answers by batch how many there were.';
