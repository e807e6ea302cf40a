-- Claims the counter of one webhook, whether or not it is due to be checked.
with asked as (
  select counter_id, login, id as webhook_id, token from webhook where id = :?form.id::uuid
), claimed as (
  insert into counter_check as c (counter_id, login, next_check_at)
  select counter_id, login, clock() + interval '2 minutes' from asked
      on conflict (counter_id, login) do update set next_check_at = excluded.next_check_at
)
select * from asked
