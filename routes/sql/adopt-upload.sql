-- Looks for an upload's tag in a page of Metrika's list, and gives the verdict:
--   found      the file had arrived after all: it is adopted, and not sent again
--   next-page  not on this page, whose last entry is not the list's last: next_offset says where to go on
--   wait       not in the list, which may only lag: when it has had its time (settle), it is asked again, and then believed
--   absent     not in the list, which has had its time: the file can be sent
with page as (
  select coalesce(jsonb_array_length(:?answer::jsonb -> 'uploadings'), 0) as listed
), entry as (
  select m.id, m.status, m.source_quantity, m.line_quantity
    from jsonb_to_recordset(:?answer::jsonb -> 'uploadings')
      as m (id bigint, status text, comment text, source_quantity bigint, line_quantity bigint)
   where m.comment = :?tag
   order by m.id
   limit 1
), decision as (
  select case when exists (select from entry) then 'found'
              when page.listed > 0 then 'next-page'
              when upload.unknown_since + :?settle::interval <= clock() then 'absent'
              else 'wait' end as verdict
    from page, upload
   where upload.id = :?id::bigint
), adopted as (
  update upload u
     set state             = 'uploaded',
         metrika_upload_id = entry.id,
         metrika_status    = entry.status,
         source_quantity   = entry.source_quantity,
         line_quantity     = entry.line_quantity,
         errors            = case when standing is not null then errors end,
         unknown_since     = null,
         lease_until       = null,
         sent_at           = coalesce(u.unknown_since, clock()),
         next_try_at       = clock(),
         updated_at        = clock()
    from entry
   where u.id = :?id::bigint and u.lease = :?lease::int and u.state = 'planned'
), put_off as (
  update upload u
     set lease_until = null, next_try_at = u.unknown_since + :?settle::interval
    from decision
   where u.id = :?id::bigint and u.lease = :?lease::int and decision.verdict = 'wait'
)
select decision.verdict, :?offset::int + page.listed as next_offset from decision, page
