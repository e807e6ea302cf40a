-- Deletes the conversions marked for erasure, except those in a file that is being sent to Metrika or whose outcome is unknown:
-- these wait until the outcome is known. Rows that are locked are left for the next run.
select apply_pending_erasures()
