-- Searches a page of Metrika's list for an upload's tag, and returns a verdict:
--   found      the file had arrived: it is adopted, and not sent again
--   next-page  not on this page, which has entries and is not the previous page again: next_offset is where to go on; also after a
--              short page, since Metrika may return fewer entries than were asked for
--   wait       not in the list, which may lag: after the time to settle it is read again, and then believed
--   absent     not in a list that was read after that time: the file can be sent
-- After fifty pages the list counts as read: new entries are at one of its ends as a rule.
with entry as (
  select m.id, m.status, m.source_quantity, m.line_quantity
    from jsonb_to_recordset(:?answer::jsonb)
      as m (id bigint, status text, source_quantity bigint, line_quantity bigint)
   order by m.id
   limit 1
), decision as (
  select case when exists (select from entry) then 'found'
              when :?page_length::int > 0 and :?page_fingerprint <> :?previous_page_fingerprint and :?offset::int < 49 * :?page_size::int
                then 'next-page'
              when upload.unknown_since + :?{{upload.settle}}::interval <= :?upload.claimed_at::timestamptz then 'absent'
              else 'wait' end as verdict
    from upload
   where upload.id = :?upload.id::bigint
), adopted as (
  update upload u
     set state             = 'uploaded',
         metrika_upload_id = entry.id,
         metrika_status    = entry.status,
         source_quantity   = entry.source_quantity,
         line_quantity     = entry.line_quantity,
         errors            = case when kept_status is not null then errors end,
         failure_count     = 0,
         refusal_count     = 0,
         refused_since     = null,
         unknown_since     = null,
         lease_expires_at  = null,
         sent_at           = coalesce(u.unknown_since, clock()),
         next_attempt_at   = clock(),
         updated_at        = clock()
    from entry
   where u.id = :?upload.id::bigint and u.claim_number = :?upload.claim_number::int and u.state = 'planned'
), answered as (
  update upload u
     set refusal_count    = 0,
         refused_since    = null,
         lease_expires_at = case when decision.verdict <> 'wait' then u.lease_expires_at end,
         next_attempt_at  = case when decision.verdict = 'wait' then u.unknown_since + :?{{upload.settle}}::interval
                                 else u.next_attempt_at end
    from decision
   where u.id = :?upload.id::bigint and u.claim_number = :?upload.claim_number::int
     and u.state = 'planned' and decision.verdict in ('wait', 'absent')
)
select decision.verdict, (select id from entry) as metrika_upload_id, :?offset::int + :?page_length::int as next_offset from decision
