-- Retrying all batches that match a filter, and the lists of the dashboard.

create table retry_job (
  id               uuid primary key default gen_random_uuid(),
  actor            text not null,
  webhook_id       uuid,
  filter           jsonb not null default '{}',
  state            text not null default 'running' check (state in ('running', 'done')),
  last_upload      bigint not null,
  after_upload     bigint not null default 0,
  after_batch      uuid not null default '00000000-0000-0000-0000-000000000000',
  total            bigint,
  retried          bigint not null default 0,
  not_retried      jsonb not null default '{}',
  repeated         integer not null default 0,
  claim_number     integer not null default 0,
  lease_expires_at timestamptz,
  created_at       timestamptz not null default clock(),
  updated_at       timestamptz not null default clock(),
  ended_at         timestamptz
) with (fillfactor = 50);

comment on table retry_job is 'Wishes to send again all batches in error that match a filter: worked off in slices, each a transaction.';
comment on column retry_job.actor is 'Who wished it: the name of the admin token';
comment on column retry_job.webhook_id is 'Whose batches; null: those of all webhooks';
comment on column retry_job.filter is 'code: of their last error; since, until: when they came; each may be missing';
comment on column retry_job.last_upload is 'The last upload that there was at the start: what is retried moves to a later one, so that it is met once';
comment on column retry_job.after_upload is 'With after_batch, the last batch that was looked at';
comment on column retry_job.total is 'How many batches matched at the first slice; null before it';
comment on column retry_job.not_retried is 'How many could not be retried, by reason: deleted, sending, changed';
comment on column retry_job.repeated is 'How often the same was wished while it ran';
comment on column retry_job.claim_number is 'Counts the claims, as a fencing token: who holds an older number has lost the job';
comment on column retry_job.lease_expires_at is 'Set while a process works on it; stays behind when the process dies';

create unique index retry_job_running on retry_job (webhook_id, filter) nulls not distinct where state = 'running';
create index retry_job_ended on retry_job (ended_at) where ended_at is not null;

comment on index retry_job_running is 'The same wish twice is one job';
comment on index retry_job_ended is 'What is kept long enough to be deleted';

alter table upload add column retry_job_id uuid;
comment on column upload.retry_job_id is 'The job that sends its batches again; such uploads keep no new conversions from being sent';

-- Lists of batches in error, and jobs that retry them, go by the uploads that failed: without these they would read all uploads, of
-- which most are completed. An upload is rarely added to them, and a batch or a conversion never: the intake does not notice.
create index upload_in_error on upload (id) include (webhook_id)
  where state in ('error', 'expired') or kept_status = 'error' and state in ('planned', 'uploaded', 'processing');
create index upload_by_code on upload ((errors -> -1 ->> 'code'), id) where errors is not null;

comment on index upload_in_error is 'Whose batches have the status error, also while they are sent again to link more';
comment on index upload_by_code is 'Uploads with a last error, by its code';

-- A webhook's uploads are listed newest first: the index of the webhook alone would sort them all for each page.
drop index upload_of_webhook;
create index upload_of_webhook on upload (webhook_id, id);

-- Figures of the last seven days are those of the uploads that were planned in them.
create index upload_created on upload (created_at);

-- The search by the id that Metrika gave a file.
create index upload_at_metrika on upload (metrika_upload_id) where metrika_upload_id is not null;
