-- Counts that batches came again.

create or replace function count_repetitions(batches uuid[]) returns integer language plpgsql as $$
declare
  counted integer;
begin
  perform from batch where id = any (batches) order by id for no key update;
  update batch set repeated = repeated + 1 where id = any (batches);
  get diagnostics counted = row_count;
  return counted;
end
$$;

comment on function count_repetitions is 'Counts for each of these batches that it came again, and returns how many there are. Locks them first, in '
  'the order of their ids: a statement that waited for them itself would find only one of those that were changed meanwhile.';
