-- One webhook as an administrator sees it: never its secret, never its token.
select row_to_json(answer)::text
  from (select id as webhook_id, name, description, counter_id, time_zone, requests_per_minute, is_active,
               :?public_url || '/webhook/offline-conversions/' || id as url,
               to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at,
               to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as updated_at
          from webhook
         where id = :?id::uuid) as answer
