-- Metrika's quotas, kept for all processes on this database: so many calls at once for a login, so many a second for an
-- address, so many a day, to 00:00 UTC, for a login and for a counter.

create table calls_of_day (
  owner text not null,                          -- login:<SHA-256 of the token>, or counter:<id>
  day   date not null,                          -- of UTC
  calls integer not null,
  primary key (owner, day)
);

create table calls_of_second (
  id      boolean primary key default true check (id), -- one row
  moments timestamptz[] not null                -- of the last calls, as many as may be made in a second
);

insert into calls_of_second (moments) values ('{}');

-- The calls under way of a login.
create table call_under_way (
  id    bigint generated always as identity primary key,
  login text not null,
  until timestamptz not null                    -- renewed while the call goes on; runs out when its process dies
);

create index call_of_login on call_under_way (login);

-- Takes a call out of the quotas, or says why not and in how many seconds to ask again.
-- The day's calls are spread over the day, so that none of it is spent by noon, and polling leaves half of them, and
-- more of the first ones, to the uploads. What is left over is a reserve against clocks that differ.
create function take_call(for_login text, for_counter bigint, is_upload boolean, lease interval,
                          at_once integer, a_second integer, a_day integer,
                          out call bigint, out reason text, out pause float8)
language plpgsql as $$
declare
  moment  timestamptz := clock();
  today   date := (moment at time zone 'UTC')::date;
  elapsed float8 := extract(epoch from (moment at time zone 'UTC') - today) / 86400;
  first   float8 := a_day * case when is_upload then 0.10 else 0.04 end;
  rest    float8 := a_day * case when is_upload then 0.88 else 0.46 end;
  used    integer;
begin
  -- One at a time for a login: what is counted below cannot change before it is written.
  perform pg_advisory_xact_lock(hashtextextended(for_login, 0));

  select coalesce(max(calls), 0) into used
    from calls_of_day
   where owner in ('login:' || for_login, 'counter:' || for_counter) and day = today;
  if used + 1 > first + rest * elapsed then
    reason := 'quota_of_the_day';
    pause := least((used + 1 - first) / rest, 1) * 86400 - elapsed * 86400;
    pause := least(greatest(pause, 1), (1 - elapsed) * 86400 + 1);
    return;
  end if;

  delete from call_under_way where login = for_login and until <= moment;
  if (select count(*) from call_under_way where login = for_login) >= at_once then
    reason := 'quota_at_once';
    pause := 1;
    return;
  end if;

  -- In any second, not only in those of the clock; a fifth more, since calls take their time to arrive.
  update calls_of_second
     set moments = (moments || moment)[greatest(cardinality(moments) + 2 - a_second, 1):]
   where cardinality(moments) < a_second
      or moments[cardinality(moments) - a_second + 1] <= moment - interval '1.2 seconds';
  if not found then
    reason := 'quota_of_the_second';
    pause := 1;
    return;
  end if;

  insert into calls_of_day as c (owner, day, calls)
  values ('login:' || for_login, today, 1), ('counter:' || for_counter, today, 1)
      on conflict (owner, day) do update set calls = c.calls + 1;
  insert into call_under_way (login, until) values (for_login, moment + lease) returning id into call;
end
$$;
