-- Records the goals of a counter, as they are after one was created, for all tokens that were checked with it.
update counter_check
   set goals = :?goals::jsonb, goals_read_at = clock()
 where counter_id = :?metrika_account.counter_id::bigint
