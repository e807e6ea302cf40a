-- Takes over what Metrika says of a counter's uploads, from a list or from one upload's answer. A status that is not
-- known here is one still under way. Rows that Metrika did not take, or could not link, are told, never passed over;
-- where upload.relink gives ages, what was not linked is sent again at the next of them, while it is under 21 days old.
-- Answers the ids that were asked about and not mentioned. The uploads are locked in the order of their ids, as
-- record-poll-fault does: another process may be at the same ones.
with said as (
  select m.*, m.status in ('PROCESSED', 'LINKAGE_FAILURE') as is_final
    from jsonb_to_recordset(coalesce(:?answer::jsonb -> 'uploadings',
                                     jsonb_build_array(:?answer::jsonb -> 'uploading')))
      as m (id bigint, status text, source_quantity bigint, line_quantity bigint, linked_quantity bigint,
            user_not_found_quantity bigint, goal_not_found_quantity bigint)
   where m.id is not null and m.status is not null
), open as (
  select u.id as upload_id, said.*, u.conversions,
         (select min(u.created_at + trim(age)::interval)
            from string_to_table(:?relink, ',') as age
           where said.is_final
             and (said.status = 'LINKAGE_FAILURE' or said.user_not_found_quantity > 0)
             and u.created_at + trim(age)::interval > clock()
             and u.created_at + trim(age)::interval < u.created_at + interval '21 days') as relink_at
    from said
    join upload u on u.metrika_upload_id = said.id
   where u.counter_id = :?counter_id::bigint and u.state in ('uploaded', 'processing')
   order by u.id
     for update of u
), settled as (
  update upload u
     set state                   = case when open.status = 'PROCESSED' then 'completed'
                                        when open.status = 'LINKAGE_FAILURE' then 'error'
                                        when open.status in ('PREPARED', 'UPLOADED') then u.state
                                        else 'processing' end,
         metrika_status          = open.status,
         source_quantity         = coalesce(open.source_quantity, u.source_quantity),
         line_quantity           = coalesce(open.line_quantity, u.line_quantity),
         linked_quantity         = open.linked_quantity,
         user_not_found_quantity = open.user_not_found_quantity,
         goal_not_found_quantity = open.goal_not_found_quantity,
         next_try_at             = case when open.is_final then null else u.next_try_at end,
         failures                = 0,
         relink_at               = open.relink_at,
         errors                  = nullif(
           case when coalesce(open.line_quantity, u.line_quantity) < open.conversions
                then jsonb_build_array(problem('rows_not_taken', 'Metrika took ' || coalesce(open.line_quantity, u.line_quantity)
                       || ' of the ' || open.conversions || ' rows of upload ' || open.id || '; it does not say which'))
                else '[]' end
           || case when open.status = 'LINKAGE_FAILURE'
                   then jsonb_build_array(problem('linkage_failure', 'Metrika could not match a single visitor of this file: '
                          || 'check that client_id, user_id or yclid are those of visitors of counter ' || u.counter_id
                          || ', who came in the last 21 days' || coalesce('. It is sent again at ' || iso(open.relink_at), '')))
                   else '[]' end
           || case when open.is_final and open.goal_not_found_quantity > 0
                   then jsonb_build_array(problem('goal_not_found', open.goal_not_found_quantity || ' of the ' || open.conversions
                          || ' rows of upload ' || open.id || ' name a goal that counter ' || u.counter_id || ' does not have: '
                          || 'target has to be the identifier of a JavaScript event goal, not its name or number'))
                   else '[]' end, '[]'),
         updated_at              = case when u.metrika_status is distinct from open.status then clock() else u.updated_at end
    from open
   where u.id = open.upload_id
)
select asked.id
  from unnest(string_to_array(:?uploadings::text, ',')::bigint[]) as asked (id)
 where asked.id not in (select id from said)
