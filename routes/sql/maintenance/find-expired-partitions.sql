-- The tables of days that are over for long enough that conversions in them may have been kept for their time.
select name as day
  from conversion_partition
 where to_id <= min_batch_id(
         (now() at time zone 'UTC' - least(:?{{retention.completed}}::interval, :?{{retention.error}}::interval))::date)
 order by to_id
