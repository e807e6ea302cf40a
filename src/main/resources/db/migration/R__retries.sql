-- Jobs that send again all batches in error that match a filter. A slice is a transaction: it moves batches, counts them and moves
-- the job on, or does nothing. So a job that is left in the middle goes on where it was, and meets each batch once: it goes through
-- the uploads that there were at its start, in the order of their ids, and what is retried moves to a later one.

create or replace function batches_to_retry(job retry_job, most integer) returns table (upload_id bigint, batch_id uuid)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
  first    uuid := coalesce(first_batch_id((job.filter ->> 'since')::timestamptz), '00000000-0000-0000-0000-000000000000');
  last     uuid := coalesce(first_batch_id((job.filter ->> 'until')::timestamptz), 'ffffffff-ffff-ffff-ffff-ffffffffffff');
  the_code text := job.filter ->> 'code';
begin
  return query
  select upload.id, held.id
    from upload
   cross join lateral (
     select batch.id
       from batch
      where batch.upload_id = upload.id and batch.id >= first and batch.id < last
        and batch.id > case when upload.id = job.after_upload then job.after_batch else '00000000-0000-0000-0000-000000000000' end
      order by batch.id
      limit most) as held
   where is_in_error(upload.state, upload.kept_status)
     and upload.id >= job.after_upload and upload.id <= job.last_upload and upload.updated_at <= job.created_at
     and (job.webhook_id is null or upload.webhook_id = job.webhook_id)
     and (the_code is null or upload.errors is not null and upload.errors -> -1 ->> 'code' = the_code)
     and exists (select from webhook where webhook.id = upload.webhook_id)
   order by upload.id, held.id
   limit most;
end
$$;

comment on function batches_to_retry is 'The next batches of a job, by their uploads: as many as ''most'', null for all. They may go on until '
  'they are locked.';

-- As retry_batch, for many: what cannot be retried is counted with its reason.
--   deleted   its conversions are deleted
--   sending   it is just being sent again
--   changed   it was retried, withdrawn or deleted by somebody else
-- Batches of one webhook go together into one upload, of at most as many conversions as any has; if Metrika rejects the file, it is
-- halved until the batch at fault is alone. First the uploads are locked, then the batches, each in the order of their ids; a later
-- statement reads them as they are then.
create or replace function retry_slice(the_job uuid, the_claim_number integer, most_batches integer, most_conversions integer)
returns text language plpgsql as $$
declare
  job     retry_job;
  uploads bigint[];
  batches uuid[];
  moved   bigint;
  reasons jsonb;
begin
  select * into job
    from retry_job
   where id = the_job and claim_number = the_claim_number and lease_expires_at is not null and state = 'running'
     for no key update;
  if not found then
    return 'lease-lost';
  end if;
  if job.total is null then
    select count(*) into job.total from batches_to_retry(job, null);
  end if;

  with found as materialized (
    select next.upload_id, batch_id, webhook_id, total - erased as conversions,
           row_number() over (order by next.upload_id, batch_id) as place
      from batches_to_retry(job, most_batches) as next
      join batch on batch.id = next.batch_id
  ), counted as (
    select *, sum(conversions) over (partition by webhook_id order by place) > most_conversions
              and row_number() over (partition by webhook_id order by place) > 1 as is_too_much
      from found
  )
  select array_agg(upload_id order by place), array_agg(batch_id order by place) into uploads, batches
    from counted
   where place < coalesce((select min(place) from counted where is_too_much), most_batches + 1);

  if batches is null then
    update retry_job
       set state            = 'done',
           total            = greatest(job.total, done.batches),
           not_retried      = job.not_retried || case when job.total > done.batches then jsonb_build_object('changed',
                                coalesce((job.not_retried ->> 'changed')::bigint, 0) + job.total - done.batches) else '{}' end,
           lease_expires_at = null,
           updated_at       = clock(),
           ended_at         = clock()
      from (select job.retried + coalesce(sum(value::bigint), 0) as batches from jsonb_each_text(job.not_retried)) as done
     where id = the_job;
    return 'done';
  end if;

  perform from upload where id = any (uploads) order by id for no key update;
  perform from batch where id = any (batches) order by id for no key update;

  with judged as materialized (
    select given.id, batch.webhook_id, webhook.counter_id, batch.total - batch.erased as conversions, batch.oldest_event_at,
           case when webhook.id is null or batch.upload_id is distinct from given.upload_id then 'changed'
                when upload.state in ('planned', 'uploaded', 'processing') then 'sending'
                when upload.state not in ('error', 'expired') then 'changed'
                when batch.purged_at is not null then 'deleted'
                else 'retried' end as verdict
      from unnest(batches, uploads) as given (id, upload_id)
      left join batch on batch.id = given.id
      left join upload on upload.id = given.upload_id
      left join webhook on webhook.id = batch.webhook_id
  ), planned as (
    insert into upload (webhook_id, counter_id, conversions, oldest_event_at, retry_job_id)
    select webhook_id, counter_id, sum(conversions),
           coalesce(min(oldest_event_at) filter (where oldest_event_at > clock() - interval '21 days'), min(oldest_event_at)), the_job
      from judged
     where verdict = 'retried'
     group by webhook_id, counter_id
    returning id, webhook_id
  ), moved_batches as (
    update batch
       set upload_id = planned.id
      from judged
      join planned on planned.webhook_id = judged.webhook_id
     where batch.id = judged.id and judged.verdict = 'retried'
    returning batch.id
  )
  select (select count(*) from moved_batches),
         (select coalesce(jsonb_object_agg(verdict, number), '{}')
            from (select verdict, coalesce((job.not_retried ->> verdict)::bigint, 0) + count(*) as number
                    from judged
                   where verdict <> 'retried'
                   group by verdict) as counted)
    into moved, reasons;

  update retry_job
     set total            = job.total,
         retried          = retried + moved,
         not_retried      = not_retried || reasons,
         after_upload     = uploads[cardinality(uploads)],
         after_batch      = batches[cardinality(batches)],
         lease_expires_at = clock() + interval '1 minute',
         updated_at       = clock()
   where id = the_job;
  return 'more';
end
$$;

comment on function retry_slice is 'Sends again the next batches of a job that is claimed. Returns more, done, or lease-lost: another process '
  'works on it, or nobody has to.';
