-- Selects a batch's rows as its upload has them. What is erased, or marked for it, is left out, and so is what is deleted.
select c.client_id as "ClientId", c.user_id as "UserId", c.yclid as "Yclid", c.purchase_id as "PurchaseId",
       c.target as "Target", c.date_time as "DateTime", c.price::text as "Price", c.currency as "Currency"
  from batch b
  join conversion c on c.batch_id = b.id
 where b.id = :?batch_id::uuid and c.batch_id = :?batch_id::uuid and b.webhook_id = :?webhook_id::uuid and b.purged_at is null
   and not exists (select from pending_erasure e where e.batch_id = c.batch_id and e.position = c.position)
 order by c.position
