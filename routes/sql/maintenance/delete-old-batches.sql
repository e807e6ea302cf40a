-- Deletes batches past their retention period, with their uploads. Returns how many.
select delete_old_batches(:?{{retention.batches}}::interval, 5000) as deleted
