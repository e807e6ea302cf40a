-- Deletes the conversions of a day's batches that are marked as purged. Answers: deleted, emptied, kept, in-use.
select empty_day(:?day) as outcome
