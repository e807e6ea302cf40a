-- Lists the partitions that may hold conversions past their retention period.
select name as day
  from conversion_partition
 where to_id <= min_batch_id(
         (now() at time zone 'UTC' - least(:?{{retention.completed}}::interval, :?{{retention.error}}::interval))::date)
 order by to_id
