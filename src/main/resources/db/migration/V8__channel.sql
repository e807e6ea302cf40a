-- The channels that news are told on, and the callbacks of webhooks.

create table channel (
  name       text primary key,
  batches    text not null,
  seen_at    timestamptz not null default clock(),
  created_at timestamptz not null default clock()
) with (fillfactor = 50);

comment on table channel is 'The channels that are on, or were. What happened before a channel first ran is not told on it.';
comment on column channel.batches is 'Which batches'' ends it tells of: false, true, or callbacks (of webhooks with a callback_url)';
comment on column channel.seen_at is 'Up to when it has looked for events, give or take some minutes';

alter table event_delivery add column receiver uuid;
alter table event_delivery add column is_away boolean not null default false;

comment on column event_delivery.receiver is 'Of a callback: the webhook; null: the channel has one receiver';
comment on column event_delivery.is_away is 'Whether the last try found the receiver away: all else for it waits for the next one';
comment on column event_delivery.created_at is 'When the event was written: they are told in this order, and given up by it';

create index event_delivery_away on event_delivery (channel, receiver) where is_away and next_attempt_at is not null;
create index event_of_batch on event (batch_id, created_at) where batch_id is not null;

alter table webhook add column callback_url text;
alter table webhook add column callback_key bytea;

comment on column webhook.callback_url is 'Where the ends of its batches are told';
comment on column webhook.callback_key is 'What these messages are signed with: AES-256-GCM, bound to the id';
