-- A conversion is written once and never updated. A batch is updated when it joins an upload. What moves afterwards moves
-- on the upload, and a batch's status is read through it: a hundred thousand conversions change state by one row.

-- The time by which everything here is done. A function of its own, so that a test can let days pass in minutes.
create function clock() returns timestamptz language sql stable as 'select now()';

-- A moment as the API writes it.
create function iso(moment timestamptz) returns text language sql stable
return to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');

-- An entry of a batch's errors.
create function problem(code text, message text) returns jsonb language sql stable
return jsonb_build_object('code', code, 'message', message, 'at', iso(clock()));

create table webhook (
  id                   uuid primary key,
  name                 text not null,
  description          text,
  counter_id           bigint not null,
  token                bytea not null,          -- AES-256-GCM, bound to the id
  login                text not null,           -- SHA-256 of the token: whose quota its calls count against
  time_zone            text not null,           -- IANA name: what a date_time without an offset means
  requests_per_minute  integer not null,
  is_active            boolean not null default true,
  secret_hash          bytea not null,          -- SHA-256
  previous_secret_hash bytea,
  previous_valid_until timestamptz,
  access_lost_at       timestamptz,             -- when Metrika last refused the token; null while it takes it
  created_at           timestamptz not null default clock(),
  updated_at           timestamptz not null default clock()
);

create table upload (
  id                      bigint generated always as identity primary key,
  webhook_id              uuid not null references webhook on delete cascade,
  counter_id              bigint not null,
  tag                     text not null unique  -- sent as comment: how the upload is recognised in Metrika's list
                          default 'mc' || replace(gen_random_uuid()::text, '-', ''),
  conversions             integer not null,
  earliest                timestamptz not null, -- the oldest date_time: what comes closest to 21 days goes first
  state                   text not null default 'planned' check (state in
                          ('planned', 'uploaded', 'processing', 'completed', 'error', 'expired', 'replaced')),
  standing                text,                 -- while it is sent again to link more: the status that its batches keep
  part_of                 bigint,               -- the rejected file that this one is a part of
  relinks                 integer not null default 0, -- how often it was sent again to link more
  relink_at               timestamptz,          -- when it is sent again to link more
  errors                  jsonb,                -- the last failures, [{code, message, at}], while they matter
  attempts                integer not null default 0,
  next_try_at             timestamptz default clock(), -- the next POST while planned, the next question while open; else null
  lease                   integer not null default 0, -- counts the claims: who holds an older number lost the upload
  lease_until             timestamptz,          -- set while a process is at it; stays behind when the process dies
  unknown_since           timestamptz,          -- a POST may have arrived without our knowing, at this time at the latest
  metrika_upload_id       bigint,
  metrika_status          text,
  source_quantity         bigint,
  line_quantity           bigint,
  linked_quantity         bigint,
  user_not_found_quantity bigint,
  goal_not_found_quantity bigint,
  created_at              timestamptz not null default clock(),
  sent_at                 timestamptz,
  updated_at              timestamptz not null default clock()
);

create index upload_due on upload (next_try_at) where next_try_at is not null;
create index upload_planned on upload (webhook_id) where state = 'planned';
create index upload_open on upload (counter_id) where state in ('uploaded', 'processing');
create index upload_relink on upload (relink_at) where relink_at is not null;
create index upload_part on upload (part_of) where part_of is not null;
create index upload_of_webhook on upload (webhook_id);

create table batch (
  id              uuid primary key,             -- UUID version 7: ordered by time
  webhook_id      uuid not null references webhook on delete cascade,
  total           integer not null,
  earliest        timestamptz not null,         -- of its conversions' date_time
  ready_at        timestamptz not null,         -- when its last date_time has passed (Metrika refuses the future) and
                                                -- upload.hold is over
  warnings        json,                         -- as answered, letter by letter, for a repeated request
  idempotency_key text,
  body_hash       bytea,                        -- SHA-256 of the request's body, with an idempotency key only
  repeated        integer not null default 0,   -- how often the same request came again, and was not stored again
  upload_id       bigint references upload,
  created_at      timestamptz not null default clock(),
  withdrawn_at    timestamptz,
  purged_at       timestamptz                   -- when retention deleted its conversions
);

create unique index batch_idempotency on batch (webhook_id, idempotency_key) where idempotency_key is not null;
create index batch_waiting on batch (webhook_id, id) where upload_id is null and withdrawn_at is null;
create index batch_of_upload on batch (upload_id, id) where upload_id is not null;
create index batch_of_webhook on batch (webhook_id, id);

-- No foreign key to batch: both are written by one statement, and a check for each row would cost more than it guards.
create table conversion (
  batch_id    uuid not null,
  position    integer not null,                 -- its index in the request
  client_id   text,
  user_id     text,
  yclid       text,
  purchase_id text,
  target      text not null,
  date_time   bigint not null,                  -- Unix seconds, computed once: part of Metrika's key
  price       numeric,                          -- keeps its scale: 19.90 stays 19.90
  currency    text,
  primary key (batch_id, position)
);

-- A batch as its sender sees it: answer is the JSON of a status request.
create view batch_status as
select state.batch_id, state.webhook_id, state.status,
       case when state.linked is null then (
              select row_to_json(answer)
                from (select state.batch_id, state.status, state.webhook_id, state.counter_id, state.created_at,
                             state.updated_at, state.metrika_upload_id, state.total, state.processed,
                             state.errors) as answer)
            else row_to_json(state) end as answer
  from (select b.id as batch_id,
               case when b.withdrawn_at is not null then 'withdrawn'
                    when u.state is null then 'accepted'
                    when u.standing is not null and u.state in ('planned', 'uploaded', 'processing') then u.standing
                    when u.state = 'planned' then 'pending'
                    when u.state = 'expired' then 'error'
                    else u.state end as status,
               b.webhook_id,
               coalesce(u.counter_id, w.counter_id) as counter_id,
               iso(b.created_at) as created_at,
               iso(greatest(u.updated_at, b.created_at, b.withdrawn_at)) as updated_at,
               u.metrika_upload_id::text as metrika_upload_id,
               b.total,
               case when u.state = 'completed' or u.standing = 'completed' then b.total else 0 end as processed,
               -- Metrika counts for the whole file: a batch's share is known when it is the file, or all or none is linked
               case when u.state not in ('completed', 'error') then null
                    when u.linked_quantity >= u.conversions then b.total
                    when u.linked_quantity = 0 then 0
                    when b.total = u.conversions then u.linked_quantity end as linked,
               case when u.state not in ('completed', 'error') then null
                    when u.linked_quantity >= u.conversions then 0
                    when u.linked_quantity = 0 then b.total
                    when b.total = u.conversions then b.total - u.linked_quantity end as unlinked,
               -- What has no upload yet may wait behind one that cannot be sent
               case when u.id is not null then u.errors
                    when b.withdrawn_at is null then (
                      select waiting.errors
                        from upload waiting
                       where waiting.webhook_id = b.webhook_id and waiting.state = 'planned' and waiting.errors is not null
                       order by waiting.id
                       limit 1) end as errors
          from batch b
          join webhook w on w.id = b.webhook_id
          left join upload u on u.id = b.upload_id) as state;

-- Where every conversion is. received = accepted + duplicate;
-- accepted = waiting + in_flight + completed + error + withdrawn + expired.
create view ledger as
select w.id as webhook_id,
       w.name,
       coalesce(sum(b.total::bigint * (1 + b.repeated)), 0)::bigint as received,
       coalesce(sum(b.total::bigint * b.repeated), 0)::bigint as duplicate,
       coalesce(sum(b.total), 0)::bigint as accepted,
       coalesce(sum(b.total) filter (where b.withdrawn_at is null and (u.state is null or u.state = 'planned')), 0)::bigint
         as waiting,
       coalesce(sum(b.total) filter (where u.state in ('uploaded', 'processing')), 0)::bigint as in_flight,
       coalesce(sum(b.total) filter (where u.state = 'completed'), 0)::bigint as completed,
       coalesce(sum(b.total) filter (where u.state = 'error'), 0)::bigint as error,
       coalesce(sum(b.total) filter (where b.withdrawn_at is not null), 0)::bigint as withdrawn,
       coalesce(sum(b.total) filter (where u.state = 'expired'), 0)::bigint as expired
  from webhook w
  left join batch b on b.webhook_id = w.id
  left join upload u on u.id = b.upload_id
 group by w.id, w.name;
