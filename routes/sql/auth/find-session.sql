-- Finds a session by the hash of its cookie, and has it go on when somebody has done something: noted once a minute.
with given (hash, is_act) as (
  values (?::bytea, ?::boolean)
), found as (
  select s.hash, actor, token_hash, used_at, is_act
    from dashboard_session s
    join given on given.hash = s.hash
   where used_at > clock() - interval '12 hours'
), used as (
  update dashboard_session s
     set used_at = clock()
    from found
   where s.hash = found.hash and found.is_act and s.used_at < clock() - interval '1 minute'
)
select actor, token_hash from found
