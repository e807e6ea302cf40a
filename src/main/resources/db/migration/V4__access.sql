-- Who may do what: signed requests, changes that every process notices, one limit for all processes, and an audit.

alter table webhook
  add column version              bigint not null default 0, -- counts what changes for its senders
  add column signing_key          bytea,        -- for signed requests: AES-256-GCM, bound to the id; null: the secret is sent
  add column previous_signing_key bytea;        -- of the previous secret

-- How often webhooks have changed: processes keep them in memory, and see here whether what they know is still true.
create table webhook_changes (
  id      boolean primary key default true check (id), -- one row
  changes bigint not null default 0
);

insert into webhook_changes default values;

-- Locks the row until the change is committed: who reads a number sees all changes up to it.
create function count_webhook_change() returns trigger language plpgsql as $$
begin
  update webhook_changes set changes = changes + 1;
  return null;
end
$$;

create function count_webhook_version() returns trigger language plpgsql as $$
begin
  new.version := old.version + 1;
  return new;
end
$$;

create trigger webhook_changes
  after insert or delete or update of counter_id, time_zone, requests_per_minute, is_active,
                                      secret_hash, previous_secret_hash, previous_valid_until
  on webhook for each statement execute function count_webhook_change();

create trigger webhook_version
  before update of counter_id, time_zone, requests_per_minute, is_active,
                   secret_hash, previous_secret_hash, previous_valid_until
  on webhook for each row execute function count_webhook_version();

-- The requests of the last minute, as each process counts them: element n of the array came in the n-th second before at.
-- Not logged: after a crash of the server the minute begins anew.
create unlogged table request_window (
  webhook_id uuid not null,
  process    uuid not null,                     -- made anew at each start
  at         timestamptz not null,
  requests   integer[] not null,
  primary key (webhook_id, process)
);

-- What administrators did. Outlives the webhooks; holds no secret and no person's identifier.
create table audit (
  id         bigint generated always as identity primary key,
  at         timestamptz not null default clock(),
  actor      text not null,                     -- the name of the admin token; 'sender' with the webhook's secret
  address    text,                              -- where the request came from; null on the command line
  action     text not null,
  webhook_id uuid,
  batch_id   uuid,
  fields     text[] not null default '{}',      -- the names that the request gave, never their values
  details    jsonb                              -- numbers and options
);
