-- A plan is made for each call: one webhook may have few of a day's conversions, another one most of them.

create or replace function conversions_by_goal(the_webhook uuid, since timestamptz)
returns table (target text, day timestamptz, upload_id bigint, conversions bigint)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
  first uuid := first_batch_id(since);
begin
  return query
  select conversion.target, date_trunc('day', batch.created_at, 'UTC'), batch.upload_id, count(*)
    from batch
    join conversion on conversion.batch_id = batch.id
   where batch.webhook_id = the_webhook and withdrawn_at is null and purged_at is null and batch.id >= first and conversion.batch_id >= first
   group by conversion.target, date_trunc('day', batch.created_at, 'UTC'), batch.upload_id;
end
$$;

comment on function conversions_by_goal is 'How many conversions of a webhook have come since a time, by goal, day of UTC and upload: it reads '
  'them all.';
