-- Deletes batches that are over for longer than they are kept, with their uploads. Answers how many.
select delete_old_batches(:?{{retention.batches}}::interval, 5000) as deleted
