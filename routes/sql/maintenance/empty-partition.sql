-- Deletes the conversions of a day's batches that are marked as purged. Answers: deleted, emptied, kept, in-use.
select empty_partition(:?day) as outcome
