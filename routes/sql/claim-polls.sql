-- The counters that have uploads to be asked about. The time of the next question is set before this one is asked, and
-- grows with an upload's age, from the next tick to half an hour: a process that dies here costs one question.
-- Metrika works for two hours at most; after a day without an end an upload is called stuck, and still asked about.
with due as (
  select id
    from upload
   where state in ('uploaded', 'processing') and next_try_at <= clock()
   order by next_try_at
   limit 10000
     for update skip locked
), asked as (
  update upload u
     set next_try_at = clock() + least(interval '30 minutes', (clock() - u.sent_at) * 0.2),
         errors      = case when u.sent_at < clock() - interval '1 day' and u.errors is null
                            then jsonb_build_array(problem('stuck', 'Metrika has worked on this for more than a day, where it '
                                   || 'takes two hours at most. Its support can be asked about the upload '
                                   || u.metrika_upload_id || ' of counter ' || u.counter_id))
                            else u.errors end
    from due
   where u.id = due.id
  returning u.counter_id, u.webhook_id, u.metrika_upload_id
)
select distinct on (asked.counter_id)
       asked.counter_id, webhook.id as webhook_id, webhook.token, webhook.login,
       array_to_string(array_agg(asked.metrika_upload_id) over (partition by asked.counter_id), ',') as uploadings
  from asked
  join webhook on webhook.id = asked.webhook_id
 order by asked.counter_id, webhook.access_lost_at nulls first, webhook.updated_at desc
