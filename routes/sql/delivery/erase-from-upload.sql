-- Deletes the marked conversions of an upload that is claimed and about to be sent. Answers what is left of it: all, part,
-- none, or that the claim is lost.
select erase_from_upload(:?upload.id::bigint, :?upload.claim_number::int) as what_is_left
