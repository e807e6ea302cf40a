-- Merges tallies older than eight days by day, and deletes those of days past the retention period of batches.
select compact_tallies(interval '8 days', :?{{retention.batches}}::interval)
