-- Returns for how many days to come conversions have a partition, and for how many days past retention the oldest one is kept.
select count(*) filter (where from_id > min_batch_id(today)) as days_ahead,
       coalesce(max(today - to_timestamp(('x' || left(replace(to_id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)::date), 0)
         - ceil(extract(epoch from greatest(?::interval, ?::interval)) / 86400)::int as days_late
  from (select (clock() at time zone 'UTC')::date as today) as now
  left join conversion_partition on true
