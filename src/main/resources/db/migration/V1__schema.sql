-- Creates the tables. A conversion is written once and never updated. Delivery state is on the upload. A batch row changes when it
-- joins an upload or moves to another, and when it is repeated, withdrawn, erased or purged. One row of upload moves up to
-- upload.max-conversions conversions.
--
-- Functions and views are in repeatable scripts, R__<topic>.sql, which are applied again when they have changed. A V script first
-- drops one whose parameters or columns change.

create function clock() returns timestamptz language sql stable as 'select now()';

comment on function clock is 'The time by which everything here is done. A test that lets days pass in minutes '
  'replaces it.';

create table webhook (
  id                   uuid primary key,
  name                 text not null,
  description          text,
  counter_id           bigint not null,
  token                bytea not null,
  login                text not null,
  time_zone            text not null,
  requests_per_minute  integer not null,
  is_active            boolean not null default true,
  secret_hash          bytea not null,
  signing_key          bytea,
  previous_secret_hash bytea,
  previous_signing_key bytea,
  previous_valid_until timestamptz,
  access_lost_at       timestamptz,
  version              bigint not null default 0,
  created_at           timestamptz not null default clock(),
  updated_at           timestamptz not null default clock()
);

comment on table webhook is 'A sender and the counter that its conversions go to.';
comment on column webhook.token is 'Metrika''s OAuth token, AES-256-GCM, bound to the id';
comment on column webhook.login is 'SHA-256 of the token: whose quota its calls count against';
comment on column webhook.time_zone is 'IANA name: what a date_time without an offset means';
comment on column webhook.secret_hash is 'SHA-256';
comment on column webhook.signing_key is 'For signed requests: AES-256-GCM, bound to the id; null: the secret is sent';
comment on column webhook.previous_secret_hash is 'Of the secret before, which is valid until previous_valid_until';
comment on column webhook.previous_signing_key is 'Of the secret before, which is valid until previous_valid_until';
comment on column webhook.access_lost_at is 'When Metrika last refused the token; null while it takes it';
comment on column webhook.version is 'Counts what changes for its senders';

create table webhook_changes (
  id      boolean primary key default true check (id),
  changes bigint not null default 0
) with (fillfactor = 10);

comment on table webhook_changes is 'One row: how often webhooks have changed. Processes keep them in memory, and see '
  'here whether their copies are current.';

insert into webhook_changes default values;

create table deleted_webhook (
  id         uuid primary key,
  deleted_at timestamptz not null default clock()
);

comment on table deleted_webhook is 'Deleted webhooks whose batches, conversions and uploads are still to be '
  'deleted.';

-- No foreign key leads to the webhook: a check of one waits while somebody holds the webhook's row, and one writer waits for all.
-- What belongs to a webhook that is gone is seen by nobody, since whoever asks for it comes by the webhook.
create table upload (
  id                      bigint generated always as identity primary key,
  webhook_id              uuid not null,
  counter_id              bigint not null,
  tag                     text not null unique default 'mc' || replace(gen_random_uuid()::text, '-', ''),
  conversions             integer not null,
  oldest_event_at         timestamptz not null,
  state                   text not null default 'planned' check (state in
                          ('planned', 'uploaded', 'processing', 'completed', 'error', 'expired', 'replaced')),
  kept_status             text,
  split_from              bigint,
  resend_count            integer not null default 0,
  resend_at               timestamptz,
  errors                  jsonb,
  attempt_count           integer not null default 0,
  failure_count           integer not null default 0,
  refusal_count           integer not null default 0,
  refused_since           timestamptz,
  next_attempt_at         timestamptz default clock(),
  claim_number            integer not null default 0,
  lease_expires_at        timestamptz,
  unknown_since           timestamptz,
  metrika_upload_id       bigint,
  metrika_status          text,
  source_quantity         bigint,
  line_quantity           bigint,
  linked_quantity         bigint,
  user_not_found_quantity bigint,
  goal_not_found_quantity bigint,
  counted_as              text,
  created_at              timestamptz not null default clock(),
  sent_at                 timestamptz,
  updated_at              timestamptz not null default clock(),
  expires_at              timestamptz not null default clock() + interval '21 days'
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);

comment on table upload is 'A file for Metrika: the batches in it, their rows and the rows'' order never change once '
  'it may have been sent.';
comment on column upload.tag is 'Sent as comment: how the upload is recognised in Metrika''s list';
comment on column upload.conversions is 'How many rows it has';
comment on column upload.oldest_event_at is 'The oldest date_time in it: what comes closest to 21 days goes first';
comment on column upload.kept_status is 'While it is sent again to link more: the status that its batches keep';
comment on column upload.split_from is 'The rejected upload that this one is a part of';
comment on column upload.resend_count is 'How often it was sent again to link more';
comment on column upload.resend_at is 'When it is sent again to link more';
comment on column upload.errors is 'The last failures, [{code, message, at}], while they matter';
comment on column upload.attempt_count is 'How often it was claimed: a killed process and the wait for Metrika''s '
  'list cost claims too';
comment on column upload.failure_count is 'Of Metrika or the way to it, since anything of it last succeeded: pauses '
  'grow with them';
comment on column upload.refusal_count is 'How often in a row Metrika refused to report on it';
comment on column upload.refused_since is 'When Metrika did so for the first time';
comment on column upload.next_attempt_at is 'The next POST while planned, the next poll while uploaded or '
  'processing; else null';
comment on column upload.claim_number is 'Counts the claims, as a fencing token: who holds an older number lost the '
  'upload';
comment on column upload.lease_expires_at is 'Set while a process works on it; stays behind when the process dies';
comment on column upload.unknown_since is 'Since when its outcome is unknown: a POST may have arrived, at this time at the latest';
comment on column upload.counted_as is 'The final state as which its batches are in ledger_sum; null: they are not, '
  'and are read one by one';
comment on column upload.expires_at is 'When it is given up if it could not be sent: Metrika links nothing older than '
  '21 days';

create index upload_due on upload (next_attempt_at) where next_attempt_at is not null;
create index upload_planned on upload (webhook_id) where state = 'planned';
create index upload_open on upload (counter_id) where state in ('uploaded', 'processing');
create index upload_resend on upload (resend_at) where resend_at is not null;
create index upload_split on upload (split_from) where split_from is not null;
create index upload_of_webhook on upload (webhook_id);
create index upload_leased on upload (webhook_id) where lease_expires_at is not null;
create index upload_not_completed on upload (webhook_id) where state not in ('completed', 'replaced');
create index upload_uncounted on upload (id) where counted_as is null;
create index upload_counted on upload (updated_at) where counted_as is not null;

comment on index upload_split is 'How many parts of a file were rejected';
comment on index upload_leased is 'Claims count the leases of a login';
comment on index upload_not_completed is 'Lists by status, and batches that prevent a deletion';
comment on index upload_uncounted is 'What the ledger reads one by one';
comment on index upload_counted is 'What is kept long enough to be deleted';

create table batch (
  id              uuid primary key,
  webhook_id      uuid not null,
  total           integer not null,
  erased          integer not null default 0,
  oldest_event_at timestamptz not null,
  ready_at        timestamptz not null,
  warnings        json,
  rejected_rows   json,
  idempotency_key text,
  body_hash       bytea,
  repeated        integer not null default 0,
  upload_id       bigint references upload,
  created_at      timestamptz not null default clock(),
  withdrawn_at    timestamptz,
  purged_at       timestamptz
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);

comment on table batch is 'The conversions of one request.';
comment on column batch.id is 'UUID version 7: ordered by time';
comment on column batch.total is 'How many conversions were stored; what is erased of them is counted beside';
comment on column batch.erased is 'How many of them were deleted because a person asked for it: they are not sent any '
  'more';
comment on column batch.oldest_event_at is 'The oldest date_time of its conversions';
comment on column batch.ready_at is 'When its last date_time has passed (Metrika refuses the future) and upload.hold '
  'is over';
comment on column batch.warnings is 'As in the response, byte for byte, for a repeated request';
comment on column batch.rejected_rows is 'Rows that were left out, where its source lets bad rows be left out: '
  '[{line, field, reason, row}]. Written together with the batch, so that its source, delivered again after a crash, '
  'gives the same verdict on each row';
comment on column batch.body_hash is 'SHA-256 of the request''s body, with an idempotency key only';
comment on column batch.repeated is 'How often the same request came again, and was not stored again';
comment on column batch.purged_at is 'When its conversions were marked as purged, or deleted';

create unique index batch_idempotency on batch (webhook_id, idempotency_key) where idempotency_key is not null;
create index batch_waiting on batch (webhook_id, id) where upload_id is null and withdrawn_at is null;
create index batch_of_upload on batch (upload_id, id) where upload_id is not null;
create index batch_of_webhook on batch (webhook_id, id);
create index batch_withdrawn on batch (webhook_id, id) where withdrawn_at is not null;
create index batch_withdrawn_at on batch (withdrawn_at) where withdrawn_at is not null;

-- No foreign key to batch: both are written by one statement, and a check for each row would cost more than it guards.
create table conversion (
  batch_id    uuid not null,
  position    integer not null,
  client_id   text,
  user_id     text,
  yclid       text,
  purchase_id text,
  target      text not null,
  date_time   bigint not null,
  price       numeric,
  currency    text,
  primary key (batch_id, position)
) partition by range (batch_id);

comment on table conversion is 'Conversions, in a partition for each day (of UTC) on which they came, which is '
  'dropped at once when its retention period is over. A batch''s id begins with the time, so the day is a range of ids.';
comment on column conversion.position is 'Its index in the request';
comment on column conversion.date_time is 'Unix seconds, computed once: part of Metrika''s key';
comment on column conversion.price is 'Keeps its scale: 19.90 stays 19.90';

create table conversion_default partition of conversion default;

comment on table conversion_default is 'For a clock that is wrong, and for days whose partition could not be created: '
  'nothing is refused for want of a partition.';

create table pending_erasure (
  batch_id uuid not null,
  position integer not null,
  primary key (batch_id, position)
);

comment on table pending_erasure is 'Conversions marked for erasure: deleted as soon as the outcome of the '
  'file that they are in is known.';

-- In as many rows as there are: who has something to add or to take away adds a row, so that nobody waits for anybody, and
-- sum_up_ledger makes one of them. No foreign key: it would lock the webhook.
create table ledger_sum (
  webhook_id uuid not null,
  status     text not null,
  accepted   bigint not null,
  duplicate  bigint not null,
  erased     bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table ledger_sum is 'Numbers of conversions that are over, to be added up.';
comment on column ledger_sum.status is 'Where they are: completed, error, expired or withdrawn';

-- Metrika's quotas, kept for all processes on this database: so many calls at once for a login, so many a second for an
-- address, so many a day, to 00:00 UTC, for a login and for a counter.
create table daily_calls (
  owner text not null,
  day   date not null,
  calls integer not null,
  polls integer not null default 0,
  primary key (owner, day)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table daily_calls is 'How many calls of Metrika were made on a day (of UTC).';
comment on column daily_calls.owner is 'login:<SHA-256 of the token>, or counter:<id>';
comment on column daily_calls.polls is 'Those of the calls that were polls or look-ups';

create table recent_calls (
  id        boolean primary key default true check (id),
  called_at timestamptz[] not null
) with (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table recent_calls is 'One row: when the last calls of Metrika were made, as many as may be made in a '
  'second.';

insert into recent_calls (called_at) values ('{}');

create table in_flight_call (
  id         bigint generated always as identity primary key,
  login      text not null,
  expires_at timestamptz not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table in_flight_call is 'The calls of Metrika that are being made.';
comment on column in_flight_call.expires_at is 'Renewed while the call goes on; runs out when its process dies';

create index in_flight_call_of_login on in_flight_call (login);

-- Not logged: after a crash of the server the minute begins anew.
create unlogged table request_window (
  webhook_id uuid not null,
  process    uuid not null,
  at         timestamptz not null,
  requests   integer[] not null,
  primary key (webhook_id, process)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table request_window is 'The requests of the last minute, as each process counts them.';
comment on column request_window.process is 'Made anew at each start of it';
comment on column request_window.requests is 'Element n came in the n-th second before at';

create table audit (
  id         bigint generated always as identity primary key,
  at         timestamptz not null default clock(),
  actor      text not null,
  address    text,
  action     text not null,
  webhook_id uuid,
  batch_id   uuid,
  fields     text[] not null default '{}',
  details    jsonb
);

comment on table audit is 'What administrators did. Outlives the webhooks; holds no secret and no person''s '
  'identifier.';
comment on column audit.actor is 'The name of the admin token; sender, with the webhook''s secret';
comment on column audit.address is 'Where the request came from; null on the command line';
comment on column audit.fields is 'The names that the request gave, never their values';
comment on column audit.details is 'Numbers and options';
