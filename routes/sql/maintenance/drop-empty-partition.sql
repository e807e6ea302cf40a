-- Drops a day's table when nothing is left in it. Answers: dropped, in-use, or null when something is.
select drop_empty_partition(:?day) as outcome
