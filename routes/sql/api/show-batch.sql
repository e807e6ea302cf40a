-- Selects a batch as its sender sees it.
select answer::text from batch_status where batch_id = :?batch_id::uuid and webhook_id = :?webhook.id::uuid
