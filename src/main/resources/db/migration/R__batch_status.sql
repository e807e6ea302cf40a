create or replace view batch_status as
select state.batch_id, state.webhook_id, state.status,
       case when state.linked is null then (
              select row_to_json(answer)
                from (select state.batch_id, state.status, state.webhook_id, state.counter_id, state.created_at,
                             state.updated_at, state.metrika_upload_id, state.total, state.processed,
                             state.errors) as answer)
            else row_to_json(state) end as answer
  from (select b.id as batch_id,
               case when b.withdrawn_at is not null then 'withdrawn'
                    when u.state is null then 'accepted'
                    when u.kept_status is not null and u.state in ('planned', 'uploaded', 'processing') then u.kept_status
                    when u.state = 'planned' then 'pending'
                    when u.state = 'expired' then 'error'
                    else u.state end as status,
               b.webhook_id,
               coalesce(u.counter_id, w.counter_id) as counter_id,
               utc_text(b.created_at) as created_at,
               utc_text(greatest(u.updated_at, b.created_at, b.withdrawn_at)) as updated_at,
               u.metrika_upload_id::text as metrika_upload_id,
               b.total - b.erased as total,
               case when u.state = 'completed' or u.kept_status = 'completed' then b.total - b.erased else 0 end as processed,
               -- Metrika counts for the whole file: a batch's share is known when it is the file, or all or none is linked
               case when u.state not in ('completed', 'error') then null
                    when u.linked_quantity >= u.conversions then b.total - b.erased
                    when u.linked_quantity = 0 then 0
                    when b.total - b.erased = u.conversions then u.linked_quantity end as linked,
               case when u.state not in ('completed', 'error') then null
                    when u.linked_quantity >= u.conversions then 0
                    when u.linked_quantity = 0 then b.total - b.erased
                    when b.total - b.erased = u.conversions then b.total - b.erased - u.linked_quantity end as unlinked,
               -- A batch without an upload may wait behind one that cannot be sent
               case when u.id is not null then u.errors
                    when b.withdrawn_at is null then (
                      select waiting.errors
                        from upload waiting
                       where waiting.webhook_id = b.webhook_id and waiting.state = 'planned' and waiting.errors is not null
                       order by waiting.id
                       limit 1) end as errors
          from batch b
          join webhook w on w.id = b.webhook_id
          left join upload u on u.id = b.upload_id) as state;

comment on view batch_status is 'A batch as its sender sees it: answer is the response to a status request, as JSON.';
