-- Selects a webhook's job that sends batches again, and how far it is; no row where there is none.
select row_to_json(answer)::text
  from (select job.id as retry_id, job.webhook_id, job.state, job.filter ->> 'code' as code,
               utc_text((job.filter ->> 'since')::timestamptz) as since, utc_text((job.filter ->> 'until')::timestamptz) as until,
               job.total, job.retried,
               json_build_object('deleted', coalesce((job.not_retried ->> 'deleted')::bigint, 0),
                                 'sending', coalesce((job.not_retried ->> 'sending')::bigint, 0),
                                 'changed', coalesce((job.not_retried ->> 'changed')::bigint, 0)) as not_retried,
               utc_text(job.created_at) as created_at, utc_text(job.ended_at) as ended_at
          from retry_job as job
          join webhook on webhook.id = job.webhook_id
         where job.id = :?retry_id::uuid and job.webhook_id = :?webhook_id::uuid) as answer
