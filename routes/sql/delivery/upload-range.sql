-- Selects the range of the ids of an upload's batches, so that only the partitions of its days are read.
select (select id from batch where upload_id = own.id order by id limit 1) as first,
       (select id from batch where upload_id = own.id order by id desc limit 1) as last
  from (select ?::bigint as id) as own
