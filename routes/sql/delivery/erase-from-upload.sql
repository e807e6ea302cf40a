-- Deletes the conversions marked for erasure from an upload that is claimed and about to be sent. Returns what is left of it:
-- all, part, none; or lost, if the lease is lost.
select erase_from_upload(:?upload.id::bigint, :?upload.claim_number::int) as what_is_left
