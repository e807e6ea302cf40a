-- Deletes the marked conversions, but for those in a file that Metrika may be getting now, or may have without our knowing:
-- these wait until that is known. From the upload given, which is claimed and about to be sent, they are deleted too, unless
-- the claim was lost meanwhile: another process may be sending it.
-- A batch of which nothing is left that could be sent counts as withdrawn, an upload as replaced. What others are at, in
-- this moment, is left for the next time. Answers whether nothing is left of the upload given.
with held as materialized (
  select batch.id, batch.upload_id, batch.total, batch.erased
    from (select distinct batch_id from erasure) as marked
    join batch on batch.id = marked.batch_id
     for update of batch skip locked
), free as materialized (
  select id, state, standing, conversions
    from upload
   where id in (select upload_id from held)
     and (state <> 'planned' or id = :?upload::bigint and lease = :?lease::int
          or unknown_since is null and lease_until is null)
     for update skip locked
), due as materialized (
  select erasure.batch_id, erasure.position
    from held
    join erasure on erasure.batch_id = held.id
   where held.upload_id is null or held.upload_id in (select id from free)
), unmarked as (
  delete from erasure using due where erasure.batch_id = due.batch_id and erasure.position = due.position
), deleted as (
  delete from conversion using due
   where conversion.batch_id = any (array(select batch_id from due)) -- so that no other day is looked into
     and conversion.batch_id = due.batch_id and conversion.position = due.position
  returning conversion.batch_id
), touched as materialized (
  select held.id, held.upload_id, gone.rows, held.total = held.erased + gone.rows as is_empty,
         held.upload_id is null or free.state = 'planned' and free.standing is null as is_unsent
    from (select batch_id, count(*)::int as rows from deleted group by batch_id) as gone
    join held on held.id = gone.batch_id
    left join free on free.id = held.upload_id
), batches as (
  update batch
     set erased       = batch.erased + touched.rows,
         upload_id    = case when not (is_empty and is_unsent) then batch.upload_id end,
         withdrawn_at = case when is_empty and is_unsent then clock() else withdrawn_at end,
         purged_at    = case when is_empty then clock() else purged_at end
    from touched
   where batch.id = touched.id
), smaller as materialized (
  select free.id, sum(touched.rows) as rows, free.conversions = sum(touched.rows) as is_empty
    from touched
    join free on free.id = touched.upload_id
   where free.state = 'planned'
   group by free.id, free.conversions
), uploads as (
  update upload
     set conversions = upload.conversions - smaller.rows,
         state       = case when is_empty then coalesce(standing, 'replaced') else state end,
         next_try_at = case when not is_empty then next_try_at end,
         lease_until = case when not is_empty then lease_until end,
         updated_at  = clock()
    from smaller
   where upload.id = smaller.id
)
select exists (select from smaller where id = :?upload::bigint and is_empty)
