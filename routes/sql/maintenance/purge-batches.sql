-- Marks the next batches of a day, after the one given, whose conversions have been kept for their time. Answers the last one
-- that was looked at; null: there is none left.
select purge_batches(:?day, :?after::uuid,
                     :?{{retention.completed}}::interval, :?{{retention.error}}::interval) as after
