-- Moves a source's cursor to what is stored now, and keeps the source for the next page, or releases it after the last one.
-- What has failed before is forgotten when there is headway: after the last page, or when the cursor has moved.
-- Returns no row when the source was lost: its lease ran out and another process has it, or an administrator set its cursor.
update source_cursor
   set position         = :?pulled.position,
       lease_expires_at = case when :?pulled.is_over then null else clock() + :?{{pull.lease}}::interval end,
       next_pull_at     = clock(),
       pulled_at        = case when :?pulled.is_over then clock() else pulled_at end,
       last_pull        = case when :?pulled.is_over then (:?pulled.last_pull)::jsonb else last_pull end,
       failure          = case when not (:?pulled.is_over or position <> :?pulled.position) then failure end,
       failing_since    = case when not (:?pulled.is_over or position <> :?pulled.position) then failing_since end,
       failure_count    = case when :?pulled.is_over or position <> :?pulled.position then 0 else failure_count end,
       updated_at       = clock()
 where source = :?source and claim_number = :?pulled.claim_number
returning position
