-- Keeps refused rows of a webhook. A row that came before, with the same fault, is counted instead.
-- Parameters: the webhook (1), the source (2), arrays of new ids, rows as JSON, fields and reasons (3 to 6).
with given as (
  select ?::uuid as webhook_id, ?::text as source
), refused as (
  select distinct on (digest) *
    from (select r.id, given.webhook_id, given.source, r.content, r.field, r.reason,
                 sha256(convert_to(json_build_array(given.source, r.content, r.reason)::text, 'UTF8')) as digest
            from unnest(?::uuid[], ?::text[], ?::text[], ?::text[]) as r (id, content, field, reason)
            join given on exists (select from webhook where webhook.id = given.webhook_id)) as numbered
   order by digest
)
insert into refused_row (id, webhook_id, source, content, field, reason, digest)
select id, webhook_id, source, content::jsonb, field, reason, digest from refused
    on conflict (webhook_id, digest) do update set times = refused_row.times + 1, last_received_at = clock()
