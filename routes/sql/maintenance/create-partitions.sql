-- Creates the partitions for the conversions of the next two weeks, where they are missing. Returns the days whose partition
-- could not be created.
select day::text as day from create_partitions(14) where not is_made
