-- How many conversions came, went out and ended, by webhook and hour: what metrics, alerts and plots read instead of the batches.

alter table batch add column source text not null default '';
alter table upload add column batch_conversions integer not null default 0;

comment on column batch.source is 'The source that it came from: api, or the name of the source';
comment on column upload.batch_conversions is 'How many conversions its batches have now; kept by tally_batches';

-- The batches that are there when this is applied
update upload
   set batch_conversions = counted.conversions
  from (select upload_id, sum(total - erased) as conversions from batch where upload_id is not null group by upload_id) as counted
 where upload.id = counted.upload_id;

-- In as many rows as there are: who has something to add adds a row, so that nobody waits for anybody, and merge_tallies adds it
-- up. No foreign key: it would lock the webhook.
create table tally_change (
  webhook_id uuid not null,
  hour       timestamptz not null,
  source     text not null default '',
  outcome    text not null,
  code       text not null default '',
  quantity   bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table tally_change is 'What has been added to the tallies and is not merged yet.';

create table tally (
  webhook_id uuid not null,
  hour       timestamptz not null,
  source     text not null,
  outcome    text not null,
  code       text not null,
  quantity   bigint not null,
  primary key (webhook_id, hour, source, outcome, code)
) with (fillfactor = 80);

comment on table tally is 'How many conversions, or uploads, had an outcome in an hour. Older ones are merged by day.';
comment on column tally.hour is 'When the hour, or the day of UTC, began';
comment on column tally.source is 'Of accepted, duplicate and refused: the source; else empty';
comment on column tally.outcome is 'What happened; how many are somewhere now is the sum of in_flight, completed, error, expired, '
  'which may be negative in an hour in which they went on';
comment on column tally.code is 'Of failed and refused: why; else empty';

create index tally_of_hour on tally (hour);
create index tally_to_be_merged on tally (hour) where (hour at time zone 'UTC')::time <> '00:00';

comment on index tally_to_be_merged is 'Hours that are not merged into their day yet';

create table tally_total (
  webhook_id uuid not null,
  source     text not null,
  outcome    text not null,
  code       text not null,
  quantity   bigint not null,
  changed_at timestamptz not null default clock(),
  primary key (webhook_id, source, outcome, code)
) with (fillfactor = 80);

comment on table tally_total is 'The sums of all hours. Those of deleted webhooks are kept under the nil UUID, so that no counter '
  'falls.';

-- Not logged: after a crash of the server it is made anew.
create unlogged table metric_snapshot (
  id      boolean primary key default true check (id),
  next_at timestamptz not null,
  metrics jsonb not null
);

comment on table metric_snapshot is 'One row: the metrics that are made from tables, as the last process computed them for all.';
comment on column metric_snapshot.next_at is 'When they are computed again';

-- What is stored when this is applied
insert into tally_change (webhook_id, hour, outcome, quantity)
select batch.webhook_id, date_trunc('hour', clock(), 'UTC'), outcome, sum(quantity)
  from batch
  left join upload on upload.id = upload_id
 cross join lateral (values ('accepted', total::bigint),
                            ('duplicate', total::bigint * repeated),
                            ('erased', erased),
                            ('withdrawn', case when withdrawn_at is not null then total - erased end),
                            (case when state in ('uploaded', 'processing') then 'in_flight'
                                  when state in ('completed', 'error', 'expired') then state end, total - erased)) as t (outcome, quantity)
 where outcome is not null and quantity <> 0
 group by batch.webhook_id, outcome;
