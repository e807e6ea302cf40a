-- Deletes counts of calls and requests that are past their use, and those of processes that are gone.
with windows as (
  delete from request_window where at < clock() - interval '1 hour'
)
delete from daily_calls where day < (clock() at time zone 'UTC')::date - 7
