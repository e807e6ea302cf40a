-- Lists the channels that could not tell something at the last try, or have given something up within the last day, and why. Not
-- of callbacks, whose receivers are others' own.
select distinct on (channel) channel, state, failure, utc_text(created_at) as since,
       count(*) over (partition by channel)::int as events
  from event_delivery
 where receiver is null
   and (state = 'waiting' and failure is not null or state = 'given_up' and updated_at > clock() - interval '1 day')
 order by channel, updated_at desc
