-- Moves a source's cursor to what is stored now, and keeps the source for the next page, or releases it after the last one.
-- Returns no row when the source was lost: its lease ran out and another process has it, or an administrator set its cursor.
update source_cursor
   set position         = :?pulled.position,
       lease_expires_at = case when :?pulled.is_over then null else clock() + :?{{pull.lease}}::interval end,
       next_pull_at     = clock(),
       pulled_at        = case when :?pulled.is_over then clock() else pulled_at end,
       last_pull        = case when :?pulled.is_over then (:?pulled.last_pull)::jsonb else last_pull end,
       failure          = null,
       failing_since    = null,
       failure_count    = 0,
       updated_at       = clock()
 where source = :?source and claim_number = :?pulled.claim_number
returning position
