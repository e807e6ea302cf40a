-- What needs a person, and the news of it. Whoever writes here tells nobody: the channels read what waits, so that nothing is
-- lost when a process dies in between.

create table incident (
  id          uuid primary key default gen_random_uuid(),
  kind        text not null,
  subject     text not null,
  webhook_id  uuid,
  details     jsonb not null default '{}',
  opened_at   timestamptz not null default clock(),
  reminded_at timestamptz not null default clock(),
  closed_at   timestamptz
);

comment on table incident is 'What needs a person: open until its cause is gone. Holds no identifier of a person.';
comment on column incident.kind is 'What it is: token_lost, counter_gone, batches_in_error, upload_stuck, ...';
comment on column incident.subject is 'Its cause, by which it is one and not many: a login, a counter, a webhook, a source';
comment on column incident.webhook_id is 'The webhook, where it is about one only';
comment on column incident.details is 'Numbers and names for the message, as they were seen last';
comment on column incident.reminded_at is 'When it was last told of';

create unique index incident_open on incident (kind, subject) where closed_at is null;
create index incident_opened on incident (opened_at);

comment on index incident_open is 'One by kind and cause';

create table event (
  id          uuid primary key default gen_random_uuid(),
  type        text not null,
  incident_id uuid references incident on delete cascade,
  webhook_id  uuid,
  batch_id    uuid,
  data        jsonb not null,
  created_at  timestamptz not null default clock()
);

comment on table event is 'News for the channels: written by the statement that notices, in its transaction (an outbox).';
comment on column event.type is 'incident.opened, incident.still_open, incident.closed, batch.completed or batch.error';
comment on column event.data is 'The data of the message';

create index event_old on event (created_at);

create table event_delivery (
  event_id         uuid not null references event on delete cascade,
  channel          text not null,
  state            text not null default 'waiting' check (state in ('waiting', 'delivered', 'given_up')),
  attempt_count    integer not null default 0,
  next_attempt_at  timestamptz default clock(),
  claim_number     integer not null default 0,
  failure          text,
  created_at       timestamptz not null default clock(),
  updated_at       timestamptz not null default clock(),
  primary key (event_id, channel)
) with (fillfactor = 70);

comment on table event_delivery is 'What is to be told on which channel, and whether it was.';
comment on column event_delivery.channel is 'The name of the channel: webhook, mail, telegram, callback or one of your own';
comment on column event_delivery.next_attempt_at is 'When it is sent next; moved on while a process sends it; null when it is over';
comment on column event_delivery.claim_number is 'Counts the claims, as a fencing token';
comment on column event_delivery.failure is 'Why the last try failed';

create index event_delivery_due on event_delivery (channel, next_attempt_at) where next_attempt_at is not null;
create index event_delivery_given_up on event_delivery (channel) where state = 'given_up';

create table source_trouble (
  source  text not null,
  process uuid not null,
  reason  text not null,
  since   timestamptz not null default clock(),
  seen_at timestamptz not null default clock(),
  primary key (source, process)
);

comment on table source_trouble is 'Sources that a process cannot read from or run. Those that pull are in source_cursor.';
comment on column source_trouble.process is 'Made anew at each start of it';
comment on column source_trouble.seen_at is 'When it last said so; what is not repeated is over';
