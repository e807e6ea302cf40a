-- Selects a batch's rows as its upload has them, for a file that people open: a text that a spreadsheet would compute has an
-- apostrophe before it. What is erased, or marked for it, is left out, and so is what is deleted.
select regexp_replace(c.client_id, '^([-+=@\t\r])', '''\1') as "ClientId", regexp_replace(c.user_id, '^([-+=@\t\r])', '''\1') as "UserId",
       regexp_replace(c.yclid, '^([-+=@\t\r])', '''\1') as "Yclid", regexp_replace(c.purchase_id, '^([-+=@\t\r])', '''\1') as "PurchaseId",
       regexp_replace(c.target, '^([-+=@\t\r])', '''\1') as "Target", c.date_time as "DateTime", c.price::text as "Price", c.currency as "Currency"
  from batch b
  join conversion c on c.batch_id = b.id
 where b.id = :?batch_id::uuid and c.batch_id = :?batch_id::uuid and b.webhook_id = :?webhook_id::uuid and b.purged_at is null
   and not exists (select from pending_erasure e where e.batch_id = c.batch_id and e.position = c.position)
 order by c.position
