-- Claims a counter for the creation of a goal: returns the number of the claim, or nothing while another request has it. The lease is
-- longer than the two calls of Metrika can take, so that it only runs out where a process has died.
insert into goal_creation as g (counter_id, lease_expires_at)
values (:?metrika_account.counter_id::bigint,
        clock() + 2 * (:?{{metrika.connect-timeout}}::interval + :?{{metrika.response-timeout}}::interval) + interval '30 seconds')
    on conflict (counter_id) do update
   set claim_number = g.claim_number + 1, lease_expires_at = excluded.lease_expires_at
 where g.lease_expires_at <= clock()
returning claim_number
