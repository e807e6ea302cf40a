-- Selects a webhook's refused rows of a source, and of a file of it, newest first, as CSV; no row where there is no such webhook. A field
-- that a spreadsheet would compute is kept from it by an apostrophe.
with chosen as (
  select *
    from refused_row
   where webhook_id = :?webhook_id::uuid and source = :?refused.source::text and file is not distinct from :?refused.file::text
   order by id desc
   limit 10000
), line as (
  select id, array[utc_text(last_received_at), times::text, file, line::text, field, reason, content::text] as cells from chosen
)
select e'last_received_at,times,file,line,field,reason,row\r\n'
       || coalesce((select string_agg((select string_agg('"' || regexp_replace(replace(coalesce(cell, ''), '"', '""'), '^([-+=@\t\r])', '''\1')
                                                         || '"', ',' order by place)
                                         from unnest(cells) with ordinality as c (cell, place)) || e'\r\n', '' order by id desc)
                      from line), '')
  from webhook
 where id = :?webhook_id::uuid
