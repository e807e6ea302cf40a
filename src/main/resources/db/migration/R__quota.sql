-- Quotas of Metrika. The calls of a day are spread over the day, so that they are not used up by noon. Polling leaves half of
-- them, and more of the first ones, to uploads; uploads leave a quarter to polling, so that sent files reach an end even where
-- there is always more to send. The rest is a reserve for clocks that differ.
create or replace function calls_left(for_owner text, is_upload boolean, a_day integer) returns float8 language sql stable as $$
  select least(a_day * (0.10 + 0.88 * elapsed) - calls,
               case when is_upload then a_day * (0.08 + 0.65 * elapsed) - (calls - polls)
                    else greatest(a_day * (0.02 + 0.23 * elapsed) - polls, a_day * (0.04 + 0.46 * elapsed) - calls) end)
    from (select coalesce(sum(calls), 0) as calls, coalesce(sum(polls), 0) as polls
            from daily_calls
           where owner = for_owner and day = (clock() at time zone 'UTC')::date) as used,
         (select extract(epoch from (clock() at time zone 'UTC')::time)::float8 / 86400 as elapsed) as today
$$;

comment on function calls_left is 'How many calls a login or a counter may make now.';

create or replace function acquire_call_permit(for_login text, for_counter bigint, is_upload boolean, lease interval,
                                               at_once integer, a_second integer, a_day integer,
                                               out call bigint, out reason text, out pause float8)
language plpgsql as $$
declare
  moment    timestamptz := clock();
  today     date := (moment at time zone 'UTC')::date;
  of_login   float8;
  of_counter float8;
  left_over  float8;
begin
  -- A process that is stopped before it commits must not keep all others from calling.
  perform set_config('idle_in_transaction_session_timeout', '5s', true);
  -- One at a time for a login: what is counted below cannot change before it is written.
  perform pg_advisory_xact_lock(hashtextextended(for_login, 0));

  of_login := calls_left('login:' || for_login, is_upload, a_day);
  of_counter := calls_left('counter:' || for_counter, is_upload, a_day);
  left_over := least(of_login, of_counter);
  if left_over < 1 then
    reason := 'quota_of_the_day';
    -- A poll keeps its turn: it is claimed again when its login has a call for it, before those that were polled meanwhile.
    pause := case when not is_upload and of_counter >= 1 then 1
                  else greatest(1, least((1 - left_over) / (a_day * case when is_upload then 0.65 else 0.23 end) * 86400,
                                         extract(epoch from (today + 1) - (moment at time zone 'UTC')) + 1)) end;
    return;
  end if;

  delete from in_flight_call where login = for_login and expires_at <= moment;
  if (select count(*) from in_flight_call where login = for_login) >= at_once then
    reason := 'quota_at_once';
    pause := 1;
    return;
  end if;

  -- In any second, not only in those of the clock; a fifth more, since calls take their time to arrive.
  update recent_calls
     set called_at = (called_at || moment)[greatest(cardinality(called_at) + 2 - a_second, 1):]
   where cardinality(called_at) < a_second
      or called_at[cardinality(called_at) - a_second + 1] <= moment - interval '1.2 seconds';
  if not found then
    reason := 'quota_of_the_second';
    pause := 1;
    return;
  end if;

  insert into daily_calls as c (owner, day, calls, polls)
  values ('login:' || for_login, today, 1, (not is_upload)::int), ('counter:' || for_counter, today, 1, (not is_upload)::int)
      on conflict (owner, day) do update set calls = c.calls + 1, polls = c.polls + excluded.polls;
  insert into in_flight_call (login, expires_at) values (for_login, moment + lease) returning id into call;
end
$$;

comment on function acquire_call_permit is 'Takes a call out of the quotas, or returns why not and in how many seconds '
  'to ask again.';
