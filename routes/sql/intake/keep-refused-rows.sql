-- Keeps refused rows of a webhook. A row that came before, with the same fault, is counted instead; where it last stood in a file
-- is kept.
-- Parameters: the webhook (1), the source (2), the file or null (3), arrays of new ids, rows as JSON, fields, reasons and lines (4 to 8).
with given as (
  select ?::uuid as webhook_id, ?::text as source, ?::text as file
), refused as (
  select distinct on (digest) *
    from (select r.id, given.webhook_id, given.source, r.content, r.field, r.reason, given.file,
                 case when given.file is not null then r.line end as line,
                 sha256(convert_to(json_build_array(given.source, r.content, r.reason)::text, 'UTF8')) as digest
            from unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::bigint[]) as r (id, content, field, reason, line)
            join given on exists (select from webhook where webhook.id = given.webhook_id)) as numbered
   order by digest
)
insert into refused_row (id, webhook_id, source, content, field, reason, digest, file, line)
select id, webhook_id, source, content::jsonb, field, reason, digest, file, line from refused
    on conflict (webhook_id, digest) do update
   set times = refused_row.times + 1, last_received_at = clock(), file = excluded.file, line = excluded.line
