-- Looks for an upload's tag in a page of Metrika's list. Found: the file had arrived after all, and is not sent again.
-- Answers: found; listed (entries on the page); next_offset (of the page after it); settled (whether the list may be
-- trusted to lack what it does not show).
with listed as (
  select m.id, m.status, m.source_quantity, m.line_quantity
    from jsonb_to_recordset(:?answer::jsonb -> 'uploadings')
      as m (id bigint, status text, comment text, source_quantity bigint, line_quantity bigint)
   where m.comment = :?tag
   order by m.id
   limit 1
), adopted as (
  update upload u
     set state             = 'uploaded',
         metrika_upload_id = listed.id,
         metrika_status    = listed.status,
         source_quantity   = listed.source_quantity,
         line_quantity     = listed.line_quantity,
         errors            = case when standing is not null then errors end,
         unknown_since     = null,
         lease_until       = null,
         sent_at           = coalesce(u.unknown_since, clock()),
         next_try_at       = clock(),
         updated_at        = clock()
    from listed
   where u.id = :?id::bigint and u.lease = :?lease::int and u.state = 'planned'
)
select exists (select from listed) as found,
       coalesce(jsonb_array_length(:?answer::jsonb -> 'uploadings'), 0) as listed,
       :?offset::int + coalesce(jsonb_array_length(:?answer::jsonb -> 'uploadings'), 0) as next_offset,
       unknown_since + :?settle::interval <= clock() as settled
  from upload
 where id = :?id::bigint
