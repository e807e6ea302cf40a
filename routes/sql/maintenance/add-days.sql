-- Creates the partitions for the conversions of the next two weeks, where they are missing. Returns their days, and whether
-- each could be created.
select day::text as day, is_made from create_partitions(14)
