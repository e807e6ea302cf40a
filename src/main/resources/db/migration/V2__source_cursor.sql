-- Where each source that pulls has got to.

create table source_cursor (
  source           text primary key,
  format           text not null check (format in ('iso', 'unix', 'number', 'text')),
  position         text not null,
  claim_number     bigint not null default 0,
  lease_expires_at timestamptz,
  next_pull_at     timestamptz not null default clock(),
  pulled_at        timestamptz,
  failure          text,
  failing_since    timestamptz,
  failure_count    integer not null default 0,
  created_at       timestamptz not null default clock(),
  updated_at       timestamptz not null default clock()
);

comment on table source_cursor is 'Where each source that pulls goes on: one row a source. It moves on when what was read '
  'is stored.';
comment on column source_cursor.source is 'The name of the source, of its settings inbound.<name>.*';
comment on column source_cursor.format is 'How a position is written: an ISO 8601 time, Unix seconds, a number or a text';
comment on column source_cursor.position is 'The greatest cursor value of the rows that are stored';
comment on column source_cursor.claim_number is 'Counts the claims, as a fencing token: who holds an older number has lost '
  'the source to another process, or to an administrator who has set the position';
comment on column source_cursor.lease_expires_at is 'Set while a process pulls; stays behind when the process dies';
comment on column source_cursor.next_pull_at is 'Not before: after a failure, pauses grow, and the source may ask for one';
comment on column source_cursor.pulled_at is 'When a pull last came to its end';
comment on column source_cursor.failure is 'Why the last pull failed; null when it did not';
comment on column source_cursor.failing_since is 'When it failed for the first time since it last succeeded';
comment on column source_cursor.failure_count is 'How often it failed since it last succeeded';
