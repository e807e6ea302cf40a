-- A person's conversions are deleted on demand. A batch's total stays what was answered; what was erased of it is counted
-- beside, and never sent any more.
alter table batch add column erased integer not null default 0;

-- Conversions that are to be erased as soon as it is known what became of the file that they are in.
create table erasure (
  batch_id uuid not null,
  position integer not null,
  primary key (batch_id, position)
);

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
                    when u.standing is not null and u.state in ('planned', 'uploaded', 'processing') then u.standing
                    when u.state = 'planned' then 'pending'
                    when u.state = 'expired' then 'error'
                    else u.state end as status,
               b.webhook_id,
               coalesce(u.counter_id, w.counter_id) as counter_id,
               iso(b.created_at) as created_at,
               iso(greatest(u.updated_at, b.created_at, b.withdrawn_at)) as updated_at,
               u.metrika_upload_id::text as metrika_upload_id,
               b.total - b.erased as total,
               case when u.state = 'completed' or u.standing = 'completed' then b.total - b.erased else 0 end as processed,
               -- Metrika counts for the whole file: a batch's share is known when it is the file, or all or none is linked
               case when u.state not in ('completed', 'error') then null
                    when u.linked_quantity >= u.conversions then b.total - b.erased
                    when u.linked_quantity = 0 then 0
                    when b.total - b.erased = u.conversions then u.linked_quantity end as linked,
               case when u.state not in ('completed', 'error') then null
                    when u.linked_quantity >= u.conversions then 0
                    when u.linked_quantity = 0 then b.total - b.erased
                    when b.total - b.erased = u.conversions then b.total - b.erased - u.linked_quantity end as unlinked,
               -- What has no upload yet may wait behind one that cannot be sent
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

-- Where every conversion is. received = accepted + duplicate;
-- accepted = waiting + in_flight + completed + error + withdrawn + expired + erased.
create or replace view ledger as
select w.id as webhook_id,
       w.name,
       coalesce(sum(b.total::bigint * (1 + b.repeated)), 0)::bigint as received,
       coalesce(sum(b.total::bigint * b.repeated), 0)::bigint as duplicate,
       coalesce(sum(b.total), 0)::bigint as accepted,
       coalesce(sum(b.total - b.erased) filter (where b.withdrawn_at is null and (u.state is null or u.state = 'planned')), 0)::bigint
         as waiting,
       coalesce(sum(b.total - b.erased) filter (where u.state in ('uploaded', 'processing')), 0)::bigint as in_flight,
       coalesce(sum(b.total - b.erased) filter (where u.state = 'completed'), 0)::bigint as completed,
       coalesce(sum(b.total - b.erased) filter (where u.state = 'error'), 0)::bigint as error,
       coalesce(sum(b.total - b.erased) filter (where b.withdrawn_at is not null), 0)::bigint as withdrawn,
       coalesce(sum(b.total - b.erased) filter (where u.state = 'expired'), 0)::bigint as expired,
       coalesce(sum(b.erased), 0)::bigint as erased
  from webhook w
  left join batch b on b.webhook_id = w.id
  left join upload u on u.id = b.upload_id
 group by w.id, w.name;
