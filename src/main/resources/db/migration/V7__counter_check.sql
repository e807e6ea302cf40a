-- What Metrika says of each counter to each token.

create table counter_check (
  counter_id        bigint not null,
  login             text not null,
  outcome           text check (outcome in ('ok', 'token_invalid', 'no_access', 'counter_not_found', 'unreachable')),
  since             timestamptz,
  checked_at        timestamptz,
  detail            text,
  counter_name      text,
  counter_time_zone text,
  permission        text,
  goals             jsonb,
  goals_read_at     timestamptz,
  next_check_at     timestamptz not null,
  primary key (counter_id, login)
) with (fillfactor = 70);

comment on table counter_check is 'Whether a token may upload to a counter, and which goals the counter has. Webhooks with the same '
  'counter and token share a row.';
comment on column counter_check.login is 'SHA-256 of the token, as in webhook';
comment on column counter_check.outcome is 'Of the last check; null before the first one';
comment on column counter_check.since is 'When this outcome began: checks that come to the same do not change it';
comment on column counter_check.detail is 'Why the last check failed, in Metrika''s words';
comment on column counter_check.counter_name is 'With its time zone and the permission, as Metrika last said them';
comment on column counter_check.permission is 'What the token may do: own or edit can upload';
comment on column counter_check.goals is 'All of them, [{id, name, type, source, conditions: [{type, url}]}], as they were last read';
comment on column counter_check.goals_read_at is 'When they were last read';
comment on column counter_check.next_check_at is 'The next check. While a process works on one: when another may do it instead';
