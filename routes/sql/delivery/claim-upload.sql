-- Claims one upload that is due, for the duration of a lease: the one whose conversions come closest to Metrika's limit of 21
-- days; an upload past that limit is ordered by its age. Uploads that are sent again, to link more rows or by a job of retries, and
-- halves of rejected files, leave the calls to what was never sent, until only a day of the 21 is left.
-- Of a login no more are claimed than Metrika allows calls at once, so that one that hangs does not delay the others, and no
-- more than it has calls left for; of a webhook whose token was refused, one an hour. After an expired lease, or a call without
-- a known outcome, Metrika may have the file: unknown_since records it.
-- Its batches, which can only become fewer, lie between the first and the last one: so only the partitions are read that hold
-- its conversions.
with due as (
  select upload.id, upload.oldest_event_at, webhook.login
    from upload
    join webhook on webhook.id = upload.webhook_id
   where upload.state = 'planned'
     and upload.next_attempt_at <= clock()
     and (upload.lease_expires_at is null or upload.lease_expires_at <= clock())
     and (webhook.access_lost_at is null or webhook.access_lost_at <= clock() - interval '1 hour')
), free as materialized (
  select login
    from (select login,
                 (select count(*)
                    from webhook
                    join upload busy on busy.webhook_id = webhook.id and busy.lease_expires_at > clock()
                   where webhook.login = logins.login) as busy
            from (select distinct login from due) as logins) as counted
   where busy < :?{{metrika.calls-at-once}}::int
     and calls_left('login:' || login, true, :?{{metrika.calls-per-day}}::int) >= busy + 1
), chosen as (
  select upload.id, upload.lease_expires_at
    from upload
    join due on due.id = upload.id
   where due.login in (select login from free)
     and upload.state = 'planned'
     and upload.next_attempt_at <= clock()
     and (upload.lease_expires_at is null or upload.lease_expires_at <= clock())
   order by (upload.kept_status is not null or upload.split_from is not null or upload.retry_job_id is not null)
              and upload.oldest_event_at not between clock() - interval '21 days' and clock() - interval '20 days',
            case when upload.oldest_event_at < clock() - interval '21 days' then upload.created_at
                 else upload.oldest_event_at end,
            upload.id
   limit 1
     for update of upload skip locked
)
update upload u
   set claim_number     = u.claim_number + 1,
       lease_expires_at = clock() + :?{{upload.lease}}::interval,
       attempt_count    = u.attempt_count + 1,
       unknown_since    = coalesce(chosen.lease_expires_at, u.unknown_since)
  from chosen
  join upload o on o.id = chosen.id
  join webhook w on w.id = o.webhook_id
 where u.id = chosen.id
returning u.id, u.claim_number, u.webhook_id, u.counter_id, u.tag, u.conversions, u.attempt_count, u.trace_parent, w.token, w.login,
          u.unknown_since is not null as unknown, clock() as claimed_at,
          (select id from batch where upload_id = u.id order by id limit 1) as first_batch_id,
          (select id from batch where upload_id = u.id order by id desc limit 1) as last_batch_id
