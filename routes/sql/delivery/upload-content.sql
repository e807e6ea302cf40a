-- Selects an upload's rows, the same ones in the same order at every try.
select c.client_id as "ClientId", c.user_id as "UserId", c.yclid as "Yclid", c.purchase_id as "PurchaseId",
       c.target as "Target", c.date_time as "DateTime", c.price::text as "Price", c.currency as "Currency"
  from batch b
  join conversion c on c.batch_id = b.id
 where b.upload_id = :?upload.id::bigint and c.batch_id between :?upload.first_batch_id::uuid and :?upload.last_batch_id::uuid
 order by b.id, c.position
