-- Takes one upload that is due, for the length of a lease: the one whose conversions come closest to Metrika's 21 days;
-- one that they have passed has its turn by its age. What is sent again to link more, and parts of files that were
-- rejected, leave the calls to first sends, until a day is left.
-- Of a login no more than Metrika lets be called at once, so that one that hangs does not hold up the others, and no more
-- than it has calls left for; of a webhook whose token was refused one an hour. A lease that was left behind, or a call
-- whose outcome nobody learned, means that Metrika may have the file: unknown_since says so.
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
   order by (upload.kept_status is not null or upload.split_from is not null)
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
returning u.id, u.claim_number, u.webhook_id, u.counter_id, u.tag, u.conversions, u.attempt_count, w.token, w.login,
          u.unknown_since is not null as unknown, clock() as claimed_at
