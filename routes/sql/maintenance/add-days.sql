-- Makes the tables that the conversions of the next two weeks will lie in, where they are missing. Answers their days, and
-- whether each could be made.
select day::text as day, is_made from create_partitions(14)
