-- The ids between which an upload's batches lie: so only the tables of the days are read that its conversions came on.
select (select id from batch where upload_id = own.id order by id limit 1) as first,
       (select id from batch where upload_id = own.id order by id desc limit 1) as last
  from (select ?::bigint as id) as own
