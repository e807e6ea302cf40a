-- Begins a job that sends again all batches in error that match a filter, those of one webhook or of all. While the same runs, that
-- is the job. Returns its id; no row where there is no such webhook.
with wanted as (
  select :?form.webhook_id::uuid as webhook_id,
         jsonb_strip_nulls(jsonb_build_object('code', :?form.code::text, 'since', :?form.since::text, 'until', :?form.until::text)) as filter
   where :?form.webhook_id::uuid is null or exists (select from webhook where id = :?form.webhook_id::uuid)
), job as (
  insert into retry_job as job (actor, webhook_id, filter, last_upload)
  select :?actor, webhook_id, filter, coalesce((select max(id) from upload), 0) from wanted
      on conflict (webhook_id, filter) where state = 'running' do update set repeated = job.repeated + 1
  returning id, webhook_id, filter, repeated
), audited as (
  insert into audit (actor, address, action, webhook_id, details)
  select :?actor, :?address, 'retry-batches', webhook_id, filter from job where repeated = 0
)
select id from job
