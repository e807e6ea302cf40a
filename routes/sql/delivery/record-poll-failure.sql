-- Records why uploads could not be polled; the errors of their batches show it until a poll succeeds. After a passing failure
-- the pauses grow from a second to four minutes, with jitter, so that what Metrika has processed meanwhile is known soon after
-- it recovers. Where Metrika refused, as for an unknown upload, they grow with the time since; without access a new token is
-- needed, so the poll is repeated once an hour. No pause is shorter than Retry-After. Uploads that were not due are put off
-- with the others: one poll is for all. A refused token puts off its own webhook's uploads only: others of the counter have
-- their own. A poll that was put off to stay within the quotas is no failure,
-- and keeps its place before those that have waited less (due_since), unless that would repeat calls that it has made.
-- An upload is given up when Metrika has refused to report on it for poll.give-up: counted from when it was sent, and three
-- times in a row; for want of access, from when that was lost or another token was given. Whatever else keeps Metrika from
-- reporting, it is given up after 21 days. An upload that was only sent again to link more keeps the end that it had.
-- Uploads are locked in the order of their ids, as in apply-upload-statuses: another process may work on the same ones. Returns
-- the uploads, as the route logs them.
with asked as materialized (
  select u.id, u.failure_count + case when :?failure.own_quota::boolean then 0 else 1 end as failure_count,
         u.refusal_count + case when :?failure.is_refusal::boolean then 1 else 0 end as refusal_count,
         case when :?failure.is_refusal::boolean then coalesce(case when u.refused_since >= w.updated_at then u.refused_since end, clock())
              else u.refused_since end as refused_since,
         u.sent_at, u.metrika_upload_id = any (string_to_array(:?failure.due::text, ',')::bigint[]) as is_due
    from upload u
    join webhook w on w.id = u.webhook_id
   where (:?failure.outcome <> 'access-lost' or w.login = :?failure.login)
     and u.counter_id = :?failure.counter_id::bigint
     and u.metrika_upload_id = any (string_to_array(:?failure.uploadings::text, ',')::bigint[])
     and u.state in ('uploaded', 'processing')
   order by u.id
     for no key update of u
), pace as (
  select case when :?failure.own_quota::boolean then interval '0'
              when :?failure.outcome = 'access-lost' then interval '1 hour'
              when :?failure.is_refusal::boolean
                then least(interval '2 hours', greatest(interval '5 seconds', (clock() - min(refused_since)) * 0.2))
              else with_jitter(backoff(max(failure_count) - 1, interval '1 second', 1.6, interval '4 minutes'))
         end as pause
    from asked
), rhythm as (
  select clock() + greatest(pause, :?failure.retry_after::float8 * interval '1 second') as next from pace
), judged as (
  select asked.*,
         not :?failure.own_quota::boolean
           and (:?failure.outcome = 'access-lost' and refused_since + :?{{poll.give-up}}::interval <= clock()
                or :?failure.outcome <> 'access-lost' and :?failure.is_refusal::boolean and refusal_count >= 3
                   and sent_at + :?{{poll.give-up}}::interval <= clock()
                or sent_at + interval '21 days' <= clock() and failure_count >= 3) as is_over
    from asked
)
update upload u
   set state           = case when is_over then coalesce(kept_status, 'error') else state end,
       next_attempt_at = case when is_over then null
                              when is_due and :?failure.own_quota::boolean and :?failure.retry_after::float8 <= 1
                                then coalesce(:?failure.due_since::timestamptz, rhythm.next)
                              when is_due then rhythm.next
                              else greatest(u.next_attempt_at, rhythm.next) end,
       failure_count   = judged.failure_count,
       refusal_count   = judged.refusal_count,
       refused_since   = judged.refused_since,
       errors          = case when :?failure.own_quota::boolean or kept_status is not null then errors
                              when is_over then jsonb_build_array(batch_error(:?failure.code_at_end, :?failure.message_at_end))
                              else jsonb_build_array(batch_error(:?failure.code, :?failure.message)) end,
       updated_at      = clock()
  from judged, rhythm
 where u.id = judged.id
returning case when is_over then 'error' end as outcome, u.id as upload, u.metrika_upload_id as id, u.webhook_id,
          :?failure.code_at_end || ': ' || :?failure.message_at_end as summary
