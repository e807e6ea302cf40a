-- Selects how many batches in error match a filter, up to ten thousand, before somebody has them all sent again.
with matching as materialized (
  select count(*) as batches
    from find_batches(:?filter.webhook::uuid, 'error', :?filter.code::text, :?filter.since::timestamptz, :?filter.until::timestamptz,
                      null, 10001)
)
select row_to_json(page)::text
  from (select :?filter.webhook::text as webhook, :?filter.code::text as code, :?filter.since_given::text as since,
               :?filter.until_given::text as until, :?filter.query::text as query,
               (select name from webhook where id = :?filter.webhook::uuid) as name,
               (select least(batches, 10000) from matching) as matching,
               (select batches > 10000 from matching) as is_more) as page
