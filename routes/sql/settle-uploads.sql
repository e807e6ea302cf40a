-- Takes over what Metrika says of a counter's uploads, from a list or from one upload's answer. A status that is not
-- known here is one still under way. Answers the ids that were asked about and not mentioned.
with said as (
  select m.*
    from jsonb_to_recordset(coalesce(:?answer::jsonb -> 'uploadings',
                                     jsonb_build_array(:?answer::jsonb -> 'uploading')))
      as m (id bigint, status text, source_quantity bigint, line_quantity bigint, linked_quantity bigint,
            user_not_found_quantity bigint, goal_not_found_quantity bigint)
   where m.id is not null and m.status is not null
), settled as (
  update upload u
     set state                   = case when said.status = 'PROCESSED' then 'completed'
                                        when said.status = 'LINKAGE_FAILURE' then 'error'
                                        when said.status in ('PREPARED', 'UPLOADED') then u.state
                                        else 'processing' end,
         metrika_status          = said.status,
         source_quantity         = coalesce(said.source_quantity, u.source_quantity),
         line_quantity           = coalesce(said.line_quantity, u.line_quantity),
         linked_quantity         = said.linked_quantity,
         user_not_found_quantity = said.user_not_found_quantity,
         goal_not_found_quantity = said.goal_not_found_quantity,
         next_try_at             = case when said.status in ('PROCESSED', 'LINKAGE_FAILURE') then null else u.next_try_at end,
         errors                  = case when said.status = 'LINKAGE_FAILURE' then jsonb_build_array(jsonb_build_object(
                                          'code', 'linkage_failure',
                                          'message', 'Metrika could not match a single visitor of this file: check that '
                                            || 'client_id, user_id or yclid are those of visitors of counter '
                                            || u.counter_id || ', not older than 21 days',
                                          'at', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))) end,
         updated_at              = case when u.metrika_status is distinct from said.status then now() else u.updated_at end
    from said
   where u.counter_id = :?counter_id::bigint and u.metrika_upload_id = said.id and u.state in ('uploaded', 'processing')
)
select asked.id
  from unnest(string_to_array(:?uploadings, ',')::bigint[]) as asked (id)
 where asked.id not in (select id from said)
