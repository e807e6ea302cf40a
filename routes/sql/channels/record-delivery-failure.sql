-- Records why an event could not be told on a channel. It is tried again after a pause that grows from 10 s to an hour, and is no
-- shorter than Retry-After (a day at the most); after notify.give-up it is given up. Returns the state and when the next try is
-- due; no row where the claim was lost.
update event_delivery
   set state           = case when created_at + :?{{notify.give-up}}::interval <= clock() then 'given_up' else 'waiting' end,
       next_attempt_at = case when created_at + :?{{notify.give-up}}::interval <= clock() then null
                              else clock() + greatest(with_jitter(backoff(attempt_count - 1, interval '10 seconds', 2, interval '1 hour')),
                                                      least(:?failure.retry_after::float8, 86400) * interval '1 second') end,
       is_away         = :?failure.is_away::boolean and created_at + :?{{notify.give-up}}::interval > clock(),
       failure         = :?failure.message,
       updated_at      = clock()
 where event_id = :?delivery.event_id::uuid and channel = :?channel and claim_number = :?delivery.claim_number::int
returning state, utc_text(next_attempt_at) as next
