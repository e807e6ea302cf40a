-- Looks at what a page of Metrika's list says of an upload's tag, and gives the verdict:
--   found      the file had arrived after all: it is adopted, and not sent again
--   next-page  not on this page, which has something and is not the one before again: next_offset says where to go on; also
--              after a short one, since Metrika may give fewer than were asked for
--   wait       not in the list, which may only lag: when it has had its time (settle), it is asked again, and then believed
--   absent     not in the list, which had had its time when it was asked for: the file can be sent
-- A list that goes on for fifty pages is taken to end there: what is new stands at one of its ends as a rule.
with entry as (
  select m.id, m.status, m.source_quantity, m.line_quantity
    from jsonb_to_recordset(:?answer::jsonb)
      as m (id bigint, status text, source_quantity bigint, line_quantity bigint)
   order by m.id
   limit 1
), decision as (
  select case when exists (select from entry) then 'found'
              when :?listed::int > 0 and :?page_ends <> :?page_before and :?offset::int < 49 * :?page_size::int
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
select decision.verdict, :?offset::int + :?listed::int as next_offset from decision
