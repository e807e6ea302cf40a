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
