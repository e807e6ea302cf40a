-- Which batches are in which upload. Each function first locks what it moves and then moves it in a statement of its own: a sender
-- that repeats its request changes its batch at any moment, and in one statement PostgreSQL would lock the changed batches, count
-- them, and then not find all of them again.

create or replace function plan_uploads(most integer) returns integer language plpgsql as $$
declare
  batches uuid[];
  moved   integer;
begin
  select array_agg(batch.id) into batches
    from webhook
   cross join lateral (
     select id
       from batch
      where batch.webhook_id = webhook.id and upload_id is null and withdrawn_at is null and ready_at <= clock()
      order by id
      limit most
        for update skip locked) as batch
   where not exists (select from upload
                      where upload.webhook_id = webhook.id and upload.state = 'planned' and upload.kept_status is null
                        and upload.split_from is null and upload.retry_job_id is null
                        and (upload.attempt_count > 0 or upload.created_at < clock() - interval '10 seconds'));

  with waiting as materialized (
    select id, webhook_id, total - erased as total, oldest_event_at, created_at
      from unnest(batches) as locked (id)
      join batch using (id)
  ), counted as (
    select id, webhook_id, oldest_event_at, created_at, total,
           sum(total) over (partition by webhook_id order by id) as total_so_far,
           row_number() over (partition by webhook_id order by id) as place
      from waiting
  ), chosen as (
    select * from counted where total_so_far <= most or place = 1
  ), planned as (
    insert into upload (webhook_id, counter_id, conversions, oldest_event_at, expires_at)
    select c.webhook_id, w.counter_id, sum(c.total),
           coalesce(min(c.oldest_event_at) filter (where c.oldest_event_at > clock() - interval '21 days'), min(c.oldest_event_at)),
           max(c.created_at) + interval '21 days'
      from chosen c
      join webhook w on w.id = c.webhook_id
     group by c.webhook_id, w.counter_id
    returning id, webhook_id
  )
  update batch
     set upload_id = planned.id
    from chosen
    join planned on planned.webhook_id = chosen.webhook_id
   where batch.id = chosen.id;
  get diagnostics moved = row_count;
  return moved;
end
$$;

comment on function plan_uploads is 'Gathers waiting batches into uploads of at most ''most'' conversions, each of one webhook. Returns '
  'how many batches were planned.';

create or replace function halve_upload(the_upload bigint, the_claim_number integer, is_counter_wrong boolean) returns bigint language plpgsql as $$
declare
  halved bigint;
begin
  perform from upload
    where id = the_upload and claim_number = the_claim_number and state = 'planned' and not is_counter_wrong
      and (select count(*) from upload part
            where part.split_from = coalesce(upload.split_from, upload.id) and part.state in ('error', 'replaced')) < 1000
      for no key update;
  if not found then
    return null;
  end if;
  perform from batch where upload_id = the_upload order by id for no key update;

  with rejected as (
    select id, webhook_id, counter_id, coalesce(split_from, id) as whole, kept_status, resend_count, created_at, expires_at
      from upload
     where id = the_upload
  ), halves as materialized (
    select id, total - erased as total, oldest_event_at, ntile(2) over (order by id) as half from batch where upload_id = the_upload
  ), tagged as materialized (
    select half, 'mc' || replace(gen_random_uuid()::text, '-', '') as tag, sum(total) as total,
           coalesce(min(oldest_event_at) filter (where oldest_event_at > clock() - interval '21 days'), min(oldest_event_at))
             as oldest_event_at
      from halves
     where (select count(*) from halves) > 1
     group by half
  ), planned as (
    insert into upload (webhook_id, counter_id, tag, conversions, oldest_event_at, split_from, kept_status, resend_count,
                        created_at, expires_at)
    select webhook_id, counter_id, tag, total, oldest_event_at, whole, kept_status, resend_count, created_at, expires_at
      from rejected, tagged
    returning id, tag
  ), moved as (
    update batch
       set upload_id = planned.id
      from halves
      join tagged on tagged.half = halves.half
      join planned on planned.tag = tagged.tag
     where batch.id = halves.id
  )
  update upload
     set state = 'replaced', next_attempt_at = null, lease_expires_at = null, unknown_since = null, updated_at = clock()
   where id = the_upload and exists (select from planned)
  returning id into halved;
  return halved;
end
$$;

comment on function halve_upload is 'Replaces an upload that is claimed by two uploads of half its batches each. Returns its id; null '
  'when the claim is lost, the counter is wrong, it has one batch only, or a thousand parts of the file were rejected.';

create or replace function resend_unlinked() returns void language plpgsql as $$
declare
  uploads bigint[];
begin
  select array_agg(id) into uploads
    from (select id
            from upload
           where resend_at <= clock() and state in ('completed', 'error')
           order by resend_at
           limit 1000
             for no key update skip locked) as locked;
  if uploads is null then
    return;
  end if;
  perform from batch where upload_id = any (uploads) order by id for no key update;

  with due as (
    select id, webhook_id, counter_id, state, resend_count, created_at, errors from upload where id = any (uploads)
  ), tagged as materialized (
    select due.*, 'mc' || replace(gen_random_uuid()::text, '-', '') as tag, counted.conversions, counted.oldest_event_at
      from due
      join (select upload_id, sum(total - erased) as conversions,
                   coalesce(min(oldest_event_at) filter (where oldest_event_at > clock() - interval '21 days'), min(oldest_event_at))
                     as oldest_event_at,
                   count(*) filter (where purged_at is not null and erased < total) as purged
              from batch -- what was retried since is not among them
             where upload_id = any (uploads)
             group by upload_id) as counted on counted.upload_id = due.id
     where counted.conversions > 0 and counted.purged = 0
  ), planned as (
    insert into upload (webhook_id, counter_id, tag, conversions, oldest_event_at, kept_status, resend_count, created_at,
                        expires_at, errors)
    select webhook_id, counter_id, tag, conversions, oldest_event_at, state, resend_count + 1, created_at,
           created_at + interval '21 days', errors
      from tagged
    returning id, tag
  ), moved as (
    update batch
       set upload_id = planned.id
      from tagged
      join planned on planned.tag = tagged.tag
     where batch.upload_id = tagged.id
  )
  update upload
     set resend_at = null,
         state     = case when exists (select from tagged where tagged.id = upload.id) then 'replaced' else upload.state end
   where id = any (uploads);
end
$$;

comment on function resend_unlinked is 'Plans uploads again that Metrika could not link in full and that are due.';
