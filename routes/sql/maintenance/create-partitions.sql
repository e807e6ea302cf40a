-- Makes the tables that the conversions of the next two weeks will lie in, where they are missing. Answers the days whose
-- table could not be made.
select day::text as day from create_partitions(14) where not is_made
