-- Drops a day's partition when it is empty. Returns dropped, in-use, or null when it is not empty.
select drop_empty_partition(:?day) as outcome
