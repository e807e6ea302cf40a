-- Drops the conversions of one day that is over for long enough. Answers which, or null when there is none.
select drop_a_day(:?completed::interval, :?error::interval) as day
