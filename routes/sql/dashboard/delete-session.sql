-- Ends a session.
with gone as (
  delete from dashboard_session where hash = :?session.hash::bytea returning actor
)
insert into audit (actor, address, action) select actor, :?address, 'sign-out' from gone
