-- Begins a session, and deletes those that are over.
with over as (
  delete from dashboard_session where used_at <= clock() - interval '12 hours'
), begun as (
  insert into dashboard_session (hash, actor, token_hash) values (:?session.hash::bytea, :?actor, :?session.token_hash::bytea)
)
insert into audit (actor, address, action) values (:?actor, :?address, 'sign-in')
