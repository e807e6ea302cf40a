-- Sends again the next five thousand batches of a job that is claimed, in one transaction. Returns more, done or lease-lost.
select retry_slice(:?retry_job.id::uuid, :?retry_job.claim_number::int, 5000, :?{{upload.max-conversions}}::int) as outcome
