-- Claims the oldest job of retries that nobody works on, for a minute; each slice renews it. A process that dies leaves the job to
-- another one then.
with due as (
  select id
    from retry_job
   where state = 'running' and (lease_expires_at is null or lease_expires_at <= clock())
   order by created_at, id
   limit 1
     for no key update skip locked
)
update retry_job
   set claim_number     = claim_number + 1,
       lease_expires_at = clock() + interval '1 minute'
  from due
 where retry_job.id = due.id
returning retry_job.id, claim_number
