-- News of batches, in the transaction that ends their upload, whichever statement does. Only where somebody is to be told: a
-- webhook with a callback_url, or a channel that ran within the last day and tells of all batches.

-- An upload that was only sent again to link more has told of its batches' end before. It is told of again where the status, a
-- figure or a code is another one now; the texts may name the upload, which always is another one.
create or replace function tell_of_batches() returns trigger language plpgsql as $$
begin
  if not exists (select from webhook where id = new.webhook_id and callback_url is not null)
     and not exists (select from channel where batches = 'true' and seen_at > clock() - interval '1 day') then
    return null;
  end if;

  insert into event (type, webhook_id, batch_id, data)
  select 'batch.' || now.status, new.webhook_id, now.batch_id, now.data
    from (select s.batch_id, s.status,
                 jsonb_build_object('batch_id', s.batch_id, 'webhook_id', s.webhook_id, 'webhook_name', webhook.name,
                                    'status', s.status, 'total', s.answer -> 'total', 'linked', s.answer -> 'linked',
                                    'unlinked', s.answer -> 'unlinked', 'errors',
                                    coalesce((select jsonb_agg(entry - 'at' order by place)
                                                from jsonb_array_elements(new.errors) with ordinality as list (entry, place)), '[]')) as data
            from batch
            join batch_status s on s.batch_id = batch.id
            join webhook on webhook.id = batch.webhook_id
           where batch.upload_id = new.id and s.status in ('completed', 'error')) as now
    left join lateral (
      select type, data
        from event
       where event.batch_id = now.batch_id
       order by created_at desc
       limit 1) as last on new.kept_status is not null
   where last.type is distinct from 'batch.' || now.status
      or event_figures(last.data) <> event_figures(now.data);
  return null;
end
$$;

comment on function tell_of_batches is 'Writes an event for each batch whose upload has come to its end.';

create or replace function event_figures(data jsonb) returns jsonb language sql immutable
return (data - 'errors' - 'webhook_name') || jsonb_build_object('codes', jsonb_path_query_array(data, '$.errors[*].code'));

comment on function event_figures is 'What makes the end of a batch another one than it was.';

-- One that was given up while it was sent again keeps the end that it had
create or replace trigger tell_of_batches after update of state on upload for each row
  when (new.state in ('completed', 'error', 'expired') and new.state <> old.state
        and not (new.kept_status is not distinct from new.state and new.linked_quantity is null))
  execute function tell_of_batches();
