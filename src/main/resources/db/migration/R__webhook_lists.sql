-- Lists of webhooks by a filter.

create or replace function webhook_state(webhook) returns text language sql stable
return case when not $1.is_active then 'paused' when $1.access_lost_at is not null then 'token_lost' else 'active' end;

comment on function webhook_state is 'What a webhook is on the dashboard: active, paused or token_lost.';

-- After a webhook that was deleted meanwhile they begin anew.
create or replace function find_webhooks(sought text, the_state text, after uuid, most integer)
returns table (id uuid, name text, place bigint, matching bigint) language sql stable as $$
  with matching as materialized (
    select webhook.id, webhook.name
      from webhook
     where (the_state is null or webhook_state(webhook) = the_state)
       and (sought is null
            or position(lower(sought) in lower(webhook.name)) > 0
            or lower(sought) in (webhook.id::text, webhook.counter_id::text))
  )
  select matching.id, matching.name, row_number() over (order by matching.name, matching.id), (select count(*) from matching)
    from matching
   where not exists (select from webhook where webhook.id = after)
      or (matching.name, matching.id) > (select webhook.name, webhook.id from webhook where webhook.id = after)
   order by matching.name, matching.id
   limit most
$$;

comment on function find_webhooks is 'The webhooks that match a filter, each part of which may be null, by their names, after a given one: '
  'as many as ''most'', and how many match in all. What is sought is a part of a name, an id or a counter.';
