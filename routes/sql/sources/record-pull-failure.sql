-- Records why a pull failed and releases the source. The next pull is due after a pause that grows from 5 s to a quarter of an
-- hour, and is no shorter than Retry-After. Returns since when it fails and when the next pull is due.
update source_cursor
   set failure          = :?failure.message,
       failing_since    = coalesce(failing_since, clock()),
       failure_count    = failure_count + 1,
       lease_expires_at = null,
       next_pull_at     = clock() + greatest(with_jitter(backoff(failure_count, interval '5 seconds', 2, interval '15 minutes')),
                                             :?failure.retry_after::float8 * interval '1 second'),
       updated_at       = clock()
 where source = :?source and claim_number = :?failure.claim_number
returning utc_text(failing_since) as since, utc_text(next_pull_at) as next
