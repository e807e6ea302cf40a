-- Deletes from a day's partition the conversions of batches that are marked as purged. Returns deleted, emptied, kept or
-- in-use.
select empty_partition(:?day) as outcome
