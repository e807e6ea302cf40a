-- Gathers waiting batches into uploads of at most upload.max-conversions, each of one webhook: whole batches, in the order in
-- which they came. Returns how many batches were planned; run again until that is 0. The intent is committed before a byte goes
-- out, and the content is fixed: the batches, their rows and the order of the rows never change again.
-- While an upload of a webhook has failed and waits, or its login had no call left for it, later batches wait too, and go out
-- in one file: calls are few. They do not wait for an upload that is only sent again to link more.
select plan_uploads(:?{{upload.max-conversions}}::int) as planned
