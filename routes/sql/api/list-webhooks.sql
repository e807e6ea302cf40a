-- Selects all webhooks as an administrator sees them, oldest first, without secrets and tokens.
select row_to_json(answers)::text
  from (select coalesce(json_agg(row_to_json(answer)), '[]') as webhooks
  from (select id as webhook_id, name, description, counter_id, time_zone, requests_per_minute, is_active,
               case when signing_key is null then 'secret' else 'standard-webhooks' end as auth,
               callback_url,
               :?{{public.url}} || '/webhook/offline-conversions/' || id as url,
               utc_text(created_at) as created_at,
               utc_text(updated_at) as updated_at
          from webhook
         order by webhook.created_at, id) as answer) as answers
