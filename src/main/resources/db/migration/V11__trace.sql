-- Traces (tracing.enabled): by which a batch and an upload are named in them, by W3C Trace Context. Null when they are off.
alter table batch add column trace_parent text;
alter table upload add column trace_parent text;

comment on column batch.trace_parent is 'The span that stored it, by W3C Trace Context; null when it is not traced';
comment on column upload.trace_parent is 'The span that first sent it, by W3C Trace Context; null when it is not traced';

-- Two requests for the same goal are not to create it twice.
create table goal_creation (
  counter_id       bigint primary key,
  claim_number     bigint not null default 1,
  lease_expires_at timestamptz not null
);

comment on table goal_creation is 'Counters for which a goal is being created: one at a time, whatever process does it, until its '
  'lease has run out';
