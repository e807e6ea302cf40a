-- Claims the oldest delivery of a channel that is due, for two minutes, longer than a call may take. A process that dies before
-- it records the outcome leaves it to be told again. Where a receiver was away at the last try, one delivery tries it, and all
-- others for it wait for that. A callback that was removed since is not told.
with due as (
  select event_id
    from event_delivery d
   where channel = :?channel
     and next_attempt_at <= clock()
     and not exists (select
                       from event_delivery away
                      where away.channel = d.channel and away.receiver is not distinct from d.receiver
                        and away.is_away and away.next_attempt_at > clock())
     and (receiver is null or exists (select from webhook where id = d.receiver and callback_url is not null))
   order by created_at, event_id
   limit 1
     for update of d skip locked
)
update event_delivery d
   set claim_number    = d.claim_number + 1,
       attempt_count   = d.attempt_count + 1,
       next_attempt_at = clock() + interval '2 minutes',
       updated_at      = clock()
  from due
  join event on event.id = due.event_id
  left join webhook w on w.id = event.webhook_id
 where d.event_id = due.event_id and d.channel = :?channel
returning d.event_id, d.claim_number, event.type, event.data::text as data, utc_text(event.created_at) as timestamp, w.time_zone,
          event.webhook_id, w.callback_url, w.callback_key
