-- Queues what a channel has to tell: the events of the last day that it has not seen, of those that it tells of. The first run
-- only notes that there is the channel. It looks ten minutes back each time, longer than any transaction takes that writes an
-- event; what is queued already stays as it is, whichever process has queued it.
with before as materialized (
  select greatest(created_at, seen_at - interval '10 minutes', clock() - interval '1 day') as seen from channel where name = :?channel
), seen as (
  insert into channel as c (name, batches) values (:?channel, :?batches)
      on conflict (name) do update set seen_at = clock(), batches = excluded.batches
   where c.seen_at < clock() - interval '1 minute' or c.batches <> excluded.batches
)
insert into event_delivery (event_id, channel, receiver, created_at)
select event.id, :?channel, case when :?batches = 'callbacks' then event.webhook_id end, event.created_at
  from before
  join event on event.created_at >= before.seen
 where case :?batches
         when 'callbacks' then event.type like 'batch.%'
                               and exists (select from webhook where id = event.webhook_id and callback_url is not null)
         when 'true' then true
         else event.type not like 'batch.%' end
    on conflict do nothing
