-- Rows that were refused, where their sender throws answers away (bad-rows: log).

create table refused_row (
  id               uuid primary key,
  webhook_id       uuid not null,
  source           text not null,
  content          jsonb not null,
  field            text not null,
  reason           text not null,
  digest           bytea not null,
  times            integer not null default 1,
  received_at      timestamptz not null default clock(),
  last_received_at timestamptz not null default clock()
);

comment on table refused_row is 'Rows that broke a rule, of sources whose sender does not read answers. Nothing else tells of them.';
comment on column refused_row.id is 'UUID version 7: ordered by time';
comment on column refused_row.source is 'The name of the source, or the id of its route';
comment on column refused_row.content is 'The row as its source gave it to the rules, as JSON';
comment on column refused_row.field is 'The fields at fault, with commas between them; may be empty';
comment on column refused_row.reason is 'All that is wrong with it, for people';
comment on column refused_row.digest is 'SHA-256 of source, row and reason: the same row sent again is counted, not kept again';
comment on column refused_row.times is 'How often it came';

create unique index refused_row_once on refused_row (webhook_id, digest);
create index refused_row_of_webhook on refused_row (webhook_id, id);
create index refused_row_old on refused_row (last_received_at);

comment on index refused_row_of_webhook is 'Lists them, a page at a time';
comment on index refused_row_old is 'What is kept long enough to be deleted';
