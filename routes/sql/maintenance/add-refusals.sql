-- Adds refused conversions to the tallies, as this process has counted them since the last time.
insert into tally_change (webhook_id, hour, source, outcome, code, quantity)
select webhook_id, this_hour(), source, 'refused', code, quantity
  from unnest(:?refusals.webhooks::uuid[], :?refusals.sources::text[], :?refusals.codes::text[], :?refusals.quantities::bigint[])
    as r (webhook_id, source, code, quantity)
