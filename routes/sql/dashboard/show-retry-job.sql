-- Selects a job that sends batches again, and how far it is; no row where there is none.
select row_to_json(page)::text
  from (select job.id as retry_id, state, actor, job.webhook_id, name, filter ->> 'code' as code, filter ->> 'since' as since,
               filter ->> 'until' as until, total, retried,
               coalesce((not_retried ->> 'deleted')::bigint, 0) as deleted, coalesce((not_retried ->> 'sending')::bigint, 0) as sending,
               coalesce((not_retried ->> 'changed')::bigint, 0) as changed,
               retried + (select coalesce(sum(value::bigint), 0)::bigint from jsonb_each_text(not_retried)) as done,
               utc_text(job.created_at) as created_at, utc_text(ended_at) as ended_at
          from retry_job as job
          left join webhook on webhook.id = job.webhook_id
         where job.id = :?retry_id::uuid) as page
