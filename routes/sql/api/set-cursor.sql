-- Sets where a source that pulls goes on: earlier to read again what lies between, later to leave that out. A pull that is under
-- way loses the source, and a pause after failures is over. From then on nothing before the position is read, as before the first one;
-- only within what was read already does the overlap still reach back. Returns the cursor, its format alone when the position is not
-- written in it, or no row.
with wanted as (
  select source, format, position as previous, given,
         format = 'text' or position_order(format, given) is not null as is_valid,
         position_order(format, given) <= position_order(format, position)
           and coalesce(position_order(format, given) >= position_order(format, begins_at), begins_at is null) as is_between
    from source_cursor
   cross join lateral given_position(format, :?form.position) as given
   where source = :?form.source
     for no key update of source_cursor
), changed as (
  update source_cursor c
     set position         = given,
         begins_at        = case when is_between then c.begins_at else given end,
         claim_number     = c.claim_number + 1,
         lease_expires_at = null,
         next_pull_at     = clock(),
         failure          = null,
         failing_since    = null,
         failure_count    = 0,
         updated_at       = clock()
    from wanted
   where c.source = wanted.source and is_valid
  returning c.source, c.format, c.position
), audited as (
  insert into audit (actor, address, action, fields, details)
  select :?actor, :?address, 'set-cursor', '{position}',
         jsonb_build_object('source', source, 'from', previous, 'to', given)
    from wanted
   where is_valid
)
select changed.source, wanted.format, changed.position from wanted left join changed on true
