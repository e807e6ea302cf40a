-- Releases a counter that was claimed for the creation of a goal.
update goal_creation
   set lease_expires_at = clock()
 where counter_id = :?metrika_account.counter_id::bigint and claim_number = :?goal_claim::bigint
