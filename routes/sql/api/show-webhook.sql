-- Selects a webhook as an administrator sees it, without its secret and token, and with what Metrika says of its counter.
select row_to_json(answer)::text
  from (select id as webhook_id, name, description, counter_id, time_zone, requests_per_minute, is_active,
               case when signing_key is null then 'secret' else 'standard-webhooks' end as auth,
               callback_url,
               :?{{public.url}} || '/webhook/offline-conversions/' || id as url,
               utc_text(created_at) as created_at,
               utc_text(updated_at) as updated_at,
               shown_counter_check(counter_id, login) as counter_check
          from webhook
         where id = :?webhook_id::uuid) as answer
