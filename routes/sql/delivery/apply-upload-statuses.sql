-- Sets the state of uploads by their status at Metrika, from a page of its list or from the response about one of them. An
-- unknown status counts as processing. Rows that Metrika did not take or could not link are reported in the batch's errors;
-- where upload.relink gives ages, unlinked rows are sent again at the next of them, while they are under 21 days old.
-- Metrika needs two hours at most: after a day an upload is reported as stuck, and after 21 days, past which Metrika links
-- nothing, it is given up.
-- Returns a row 'page', with next_offset (where to read on in the list) and due (for which uploads); then a row for each upload
-- that ended; then, when the list is not read on, one for each upload that was due and not in it, to be polled by its id. The
-- list is read on, for three pages more at most, where that takes fewer calls: where it lacks more than three uploads that were
-- not refused by their id before. Of more than ten such uploads the others wait for the next run.
-- Uploads are locked in the order of their ids, as in record-poll-failure: another process may work on the same ones.
with said as materialized (
  select m.*, m.status in ('PROCESSED', 'LINKAGE_FAILURE') as is_final
    from jsonb_to_recordset(:?answer::jsonb)
      as m (id bigint, status text, source_quantity bigint, line_quantity bigint, linked_quantity bigint,
            user_not_found_quantity bigint, goal_not_found_quantity bigint)
), asked as materialized (
  select u.*
    from upload u
   where u.counter_id = :?metrika_account.counter_id::bigint
     and u.metrika_upload_id = any (string_to_array(:?uploadings::text, ',')::bigint[])
     and u.state in ('uploaded', 'processing')
   order by u.id
     for no key update
), open as (
  select u.id as upload_id, said.*, u.conversions,
         not said.is_final and u.sent_at < clock() - interval '21 days' as is_given_up,
         (select min(u.created_at + trim(age)::interval)
            from string_to_table(:?{{upload.relink}}, ',') as age
           where said.is_final
             and (said.status = 'LINKAGE_FAILURE' or said.user_not_found_quantity > 0)
             and u.created_at + trim(age)::interval > clock()
             and u.created_at + trim(age)::interval < u.created_at + interval '21 days') as resend_at
    from said
    join asked u on u.metrika_upload_id = said.id
), missing as (
  select u.id as upload_id, u.metrika_upload_id as id, u.webhook_id, u.refusal_count,
         row_number() over (order by u.refusal_count, u.id) as place
    from asked u
   where u.metrika_upload_id = any (string_to_array(:?due::text, ',')::bigint[])
     and u.metrika_upload_id not in (select id from said)
), page as (
  select case when :?page::int < 3 and :?page_length::int > 0 and :?page_fingerprint <> :?previous_page_fingerprint
                   and (select count(*) from missing where refusal_count = 0) > 3
              then :?offset::int + :?page_length::int end as next_offset
), settled as (
  update upload u
     set state                   = case when open.status = 'PROCESSED' then 'completed'
                                        when open.status = 'LINKAGE_FAILURE' then 'error'
                                        when open.is_given_up then coalesce(u.kept_status, 'error')
                                        when open.status in ('PREPARED', 'UPLOADED') then u.state
                                        else 'processing' end,
         metrika_status          = open.status,
         source_quantity         = coalesce(open.source_quantity, u.source_quantity),
         line_quantity           = coalesce(open.line_quantity, u.line_quantity),
         linked_quantity         = open.linked_quantity,
         user_not_found_quantity = open.user_not_found_quantity,
         goal_not_found_quantity = open.goal_not_found_quantity,
         next_attempt_at         = case when not (open.is_final or open.is_given_up) then u.next_attempt_at end,
         failure_count           = 0,
         refusal_count           = 0,
         refused_since           = null,
         resend_at               = open.resend_at,
         errors                  = nullif(
           case when coalesce(open.line_quantity, u.line_quantity) < open.conversions
                then jsonb_build_array(batch_error('rows_not_taken', 'Metrika took '
                       || coalesce(open.line_quantity, u.line_quantity) || ' of the ' || open.conversions
                       || ' rows of upload ' || open.id || '; it does not say which'))
                else '[]' end
           || case when open.status = 'LINKAGE_FAILURE'
                   then jsonb_build_array(batch_error('linkage_failure', 'Metrika could not match a single visitor of this file: '
                          || 'check that client_id, user_id or yclid are those of visitors of counter ' || u.counter_id
                          || ', who came in the last 21 days' || coalesce('. It is sent again at ' || utc_text(open.resend_at),
                             '. GET .../batches/<batch_id>/conversions gives the rows, to be mended and sent as a new request; '
                             || 'DELETE .../batches/<batch_id> withdraws these')))
                   else '[]' end
           || case when open.is_final and open.goal_not_found_quantity > 0
                   then jsonb_build_array(batch_error('goal_not_found', open.goal_not_found_quantity || ' of the '
                          || open.conversions || ' rows of upload ' || open.id || ' name a goal that counter '
                          || u.counter_id || ' does not have: '
                          || 'target has to be the identifier of a JavaScript event goal, not its name or number'))
                   else '[]' end
           || case when not open.is_final and u.sent_at < clock() - interval '1 day'
                   then jsonb_build_array(batch_error('stuck', 'Metrika has worked on this for more than '
                          || case when open.is_given_up then '21 days' else 'a day' end || ', where it takes two hours at most. '
                          || 'Its support can be asked about the upload ' || open.id || ' of counter ' || u.counter_id
                          || case when open.is_given_up then '. It is not asked about any more. POST .../batches/<batch_id>/retry '
                                  || 'sends it again; rows that Metrika has it overwrites' else '' end))
                   else '[]' end, '[]'),
         updated_at              = case when u.metrika_status is distinct from open.status or open.is_given_up then clock()
                                        else u.updated_at end
    from open
   where u.id = open.upload_id
  returning u.id as upload_id, u.metrika_upload_id as id, u.webhook_id, u.state, u.conversions, u.linked_quantity, u.errors
), put_off as (
  update upload u
     set next_attempt_at = clock()
    from missing, page
   where u.id = missing.upload_id and missing.place > 10 and page.next_offset is null
)
select 'page' as outcome, null::bigint as upload, null::bigint as id, null::uuid as webhook_id, null as summary, next_offset,
       (select coalesce(string_agg(id::text, ','), '') from missing) as due, 0::bigint as place
  from page
union all
select state, upload_id, id, webhook_id,
       concat_ws('; ', case when state = 'completed'
                            then conversions || ' conversions' || coalesce(', ' || linked_quantity || ' linked', '') end,
                 (select string_agg((entry ->> 'code') || ': ' || (entry ->> 'message'), '; ')
                    from jsonb_array_elements(errors) as entry)),
       null, null, 1
  from settled
 where state in ('completed', 'error')
union all
select 'missing', upload_id, id, webhook_id, null, null, null, place + 1
  from missing, page
 where page.next_offset is null and place <= 10
 order by place
