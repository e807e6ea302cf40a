-- Marks the next batches of a day, after the given one, whose conversions are past their retention period. Returns the last
-- batch that was checked; null when there is none left.
select mark_batches_purged(:?day, :?after::uuid,
                     :?{{retention.completed}}::interval, :?{{retention.error}}::interval) as after
