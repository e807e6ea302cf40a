-- Sessions of administrators at the dashboard.

create table dashboard_session (
  hash       bytea primary key,
  actor      text not null,
  token_hash bytea not null,
  created_at timestamptz not null default clock(),
  used_at    timestamptz not null default clock()
);

comment on table dashboard_session is 'Who has signed in at the dashboard: any process takes the session.';
comment on column dashboard_session.hash is 'SHA-256 of the cookie';
comment on column dashboard_session.token_hash is 'SHA-256 of the token that it was begun with: the session ends with it';
comment on column dashboard_session.used_at is 'When somebody last did something, to a minute: it ends 12 hours later';
