-- Positions of sources that pull, as the database compares them.

create or replace function position_order(format text, pos text) returns numeric language plpgsql stable as $$
begin
  return case
    when format = 'iso' and pos ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$'
      then extract(epoch from (pos || case when pos ~ '(Z|[+-]\d\d:\d\d)$' then '' else 'Z' end)::timestamptz)
    when format = 'local' and pos ~ '^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$' then extract(epoch from pos::timestamp)
    when format in ('unix', 'number') and pos ~ '^-?\d{1,38}(\.\d{1,9})?$' then pos::numeric
  end;
exception when data_exception then
  return null; -- such as the 31st of June
end $$;

comment on function position_order is 'What a position is compared by; null when it is not written in its format, and for a text.';

create or replace function given_position(format text, pos text) returns text language plpgsql stable as $$
declare
  written text := case format when 'iso' then replace(pos, ' ', 'T') else pos end; -- as PostgreSQL writes a time
begin
  return case
    when format = 'iso' and written ~ '[+-]\d\d:\d\d$' and position_order(format, written) is not null
      then regexp_replace(to_char(written::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '\.?0*$', '') || 'Z'
    else written
  end;
end $$;

comment on function given_position is 'A position that a person gives, as it is kept: a time with an offset in UTC, since a database whose '
  'column has none leaves the offset of a text out.';
