-- Records that an event was told on a channel, unless its claim was lost: then another process tells it too.
update event_delivery
   set state           = 'delivered',
       next_attempt_at = null,
       is_away         = false,
       failure         = null,
       updated_at      = clock()
 where event_id = :?delivery.event_id::uuid and channel = :?channel and claim_number = :?delivery.claim_number::int
