-- Selects the conversions of a batch in their order, to tell in what another body with its key differs.
select position, client_id, user_id, yclid, purchase_id, target, date_time, price, currency
  from conversion
 where batch_id = ?
 order by position
