-- Records the span that first sends an upload, and returns those that stored its batches, a hundred at most. Run only when traces
-- are on.
with recorded as (
  update upload
     set trace_parent = :?trace_parent
   where id = :?upload.id::bigint and trace_parent is null
)
select string_agg(trace_parent, ',') as traces
  from (select trace_parent
          from batch
         where upload_id = :?upload.id::bigint and trace_parent is not null
         order by id
         limit 100) as stored
