-- Records on the uploads that are due why they wait, where Metrika's quota of the day leaves no call for them yet. Sending
-- removes it. Uploads that another process works on are left to it.
with short as materialized (
  select login
    from (select distinct webhook.login
            from upload
            join webhook on webhook.id = upload.webhook_id
           where upload.state = 'planned' and upload.next_attempt_at <= clock()) as logins
   where calls_left('login:' || login, true, :?{{metrika.calls-per-day}}::int) < 1
), waiting as (
  select u.id
    from upload u
    join webhook w on w.id = u.webhook_id
   where w.login in (select login from short)
     and u.state = 'planned' and u.next_attempt_at <= clock() and (u.lease_expires_at is null or u.lease_expires_at <= clock())
     and u.errors -> -1 ->> 'code' is distinct from 'quota_of_the_day'
     for update of u skip locked
)
update upload u
   set errors     = coalesce(u.errors, '[]')
                      || batch_error('quota_of_the_day', 'Metrika takes only so many calls of a login a day '
                                     || '(metrika.calls-per-day), and they are spread over it. This waits for one, and is then '
                                     || 'sent automatically'),
       updated_at = clock()
  from waiting
 where u.id = waiting.id
