-- Lists of batches by a filter. A plan is made for each call, since the best way is another one for each filter: what most batches
-- are is read from the indexes of all; what few are, by the partial indexes of those, or by their uploads.

create or replace function first_batch_id(moment timestamptz) returns uuid language sql immutable
return (lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;

comment on function first_batch_id is 'The smallest id that a batch of a moment can have, or of one later. min_batch_id is that of a day.';

create or replace function batch_status_of(state text, kept_status text) returns text language sql immutable
return case when kept_status is not null and state in ('planned', 'uploaded', 'processing') then kept_status
            when state = 'planned' then 'pending'
            when state = 'expired' then 'error'
            else state end;

comment on function batch_status_of is 'The status of the batches of an upload, as the view batch_status has it.';

create or replace function is_in_error(state text, kept_status text) returns boolean language sql immutable
return state in ('error', 'expired') or kept_status = 'error' and state in ('planned', 'uploaded', 'processing');

comment on function is_in_error is 'Whether the batches of an upload have the status error: the condition of the index upload_in_error.';

create or replace function find_batches(the_webhook uuid, the_status text, the_code text, since timestamptz, until timestamptz,
                                        before uuid, most integer)
returns table (id uuid) language plpgsql stable set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
  first uuid := coalesce(first_batch_id(since), '00000000-0000-0000-0000-000000000000');
  last  uuid := least(first_batch_id(until), coalesce(before, 'ffffffff-ffff-ffff-ffff-ffffffffffff'));
begin
  if the_status in ('waiting', 'in_flight') then
    return query
    select id
      from (select id from find_batches(the_webhook, case the_status when 'waiting' then 'accepted' else 'uploaded' end, the_code,
                                        since, until, before, most)
            union all
            select id from find_batches(the_webhook, case the_status when 'waiting' then 'pending' else 'processing' end, the_code,
                                        since, until, before, most)) as both_states
     order by id desc
     limit most;
  elsif the_code is not null then
    return query
    select held.id
      from upload
     cross join lateral (
       select batch.id from batch where upload_id = upload.id and batch.id >= first and batch.id < last order by id desc limit most) as held
     where upload.errors is not null and upload.errors -> -1 ->> 'code' = the_code and upload.state <> 'replaced'
       and (the_webhook is null or upload.webhook_id = the_webhook)
       and (the_status is null or batch_status_of(upload.state, upload.kept_status) = the_status)
       and exists (select from webhook where webhook.id = upload.webhook_id)
     order by held.id desc
     limit most;
  elsif the_status = 'error' then
    return query
    select held.id
      from upload
     cross join lateral (
       select batch.id from batch where upload_id = upload.id and batch.id >= first and batch.id < last order by id desc limit most) as held
     where is_in_error(upload.state, upload.kept_status)
       and (the_webhook is null or upload.webhook_id = the_webhook)
       and exists (select from webhook where webhook.id = upload.webhook_id)
     order by held.id desc
     limit most;
  elsif the_status in ('pending', 'uploaded', 'processing') then
    return query
    select held.id
      from upload
     cross join lateral (
       select batch.id from batch where upload_id = upload.id and batch.id >= first and batch.id < last order by id desc limit most) as held
     where upload.state = case the_status when 'pending' then 'planned' else the_status end and upload.kept_status is null
       and (the_webhook is null or upload.webhook_id = the_webhook)
       and exists (select from webhook where webhook.id = upload.webhook_id)
     order by held.id desc
     limit most;
  elsif the_status = 'accepted' then
    return query
    select held.id
      from webhook
     cross join lateral (
       select batch.id
         from batch
        where batch.webhook_id = webhook.id and upload_id is null and withdrawn_at is null and batch.id >= first and batch.id < last
        order by id desc
        limit most) as held
     where the_webhook is null or webhook.id = the_webhook
     order by held.id desc
     limit most;
  elsif the_status = 'withdrawn' then
    return query
    select held.id
      from webhook
     cross join lateral (
       select batch.id
         from batch
        where batch.webhook_id = webhook.id and withdrawn_at is not null and batch.id >= first and batch.id < last
        order by id desc
        limit most) as held
     where the_webhook is null or webhook.id = the_webhook
     order by held.id desc
     limit most;
  elsif the_status = 'completed' then
    return query
    select batch.id -- one by one, newest first: a join would be planned for few of them
      from batch
     where (the_webhook is null or batch.webhook_id = the_webhook) and batch.id >= first and batch.id < last and withdrawn_at is null
       and (select batch_status_of(state, kept_status) from upload where upload.id = batch.upload_id) = 'completed'
       and exists (select from webhook where webhook.id = batch.webhook_id)
     order by batch.id desc
     limit most;
  else
    return query
    select batch.id
      from batch
     where (the_webhook is null or batch.webhook_id = the_webhook) and batch.id >= first and batch.id < last
       and exists (select from webhook where webhook.id = batch.webhook_id)
     order by batch.id desc
     limit most;
  end if;
end
$$;

comment on function find_batches is 'The newest batches that match a filter, each part of which may be null, before a given one: as many as '
  '''most''. Times are those in their ids.';

-- By the uploads' ids, since a list goes on where a page ended.
create or replace function find_uploads(the_webhook uuid, the_state text, since timestamptz, until timestamptz, before bigint, most integer)
returns table (id bigint) language plpgsql stable set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
begin
  return query
  select upload.id
    from upload
   where (the_webhook is null or upload.webhook_id = the_webhook)
     and (the_state is null or upload.state = the_state)
     and (since is null or upload.created_at >= since)
     and (until is null or upload.created_at < until)
     and (before is null or upload.id < before)
     and exists (select from webhook where webhook.id = upload.webhook_id)
   order by upload.id desc
   limit most;
end
$$;

comment on function find_uploads is 'The newest uploads that match a filter, each part of which may be null, before a given one.';
