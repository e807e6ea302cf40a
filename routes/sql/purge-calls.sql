-- Counts of calls that no quota asks for any more.
delete from calls_of_day where day < (clock() at time zone 'UTC')::date - 7
