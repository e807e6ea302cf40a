-- Deletes the marked conversions, but for those in a file that Metrika may be getting now, or may have without our knowing:
-- these wait until that is known. What others are at, in this moment, is left for the next time.
select apply_pending_erasures()
