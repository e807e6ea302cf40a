-- Deletes jobs of retries that ended 30 days ago; the audit still has who wished them.
delete from retry_job where ended_at < clock() - interval '30 days'
