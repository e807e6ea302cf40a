-- The counters that have uploads to be asked about. The time of the next question is set before this one is asked, and
-- grows with an upload's age, from the next tick to half an hour: a process that dies here costs one question.
with due as (
  select id
    from upload
   where state in ('uploaded', 'processing') and next_try_at <= now()
   order by next_try_at
   limit 10000
     for update skip locked
), asked as (
  update upload u
     set next_try_at = now() + least(interval '30 minutes', (now() - u.sent_at) * 0.2)
    from due
   where u.id = due.id
  returning u.counter_id, u.webhook_id, u.metrika_upload_id
)
select distinct on (asked.counter_id)
       asked.counter_id, webhook.id as webhook_id, webhook.token,
       array_to_string(array_agg(asked.metrika_upload_id) over (partition by asked.counter_id), ',') as uploadings
  from asked
  join webhook on webhook.id = asked.webhook_id
 order by asked.counter_id, webhook.updated_at desc
