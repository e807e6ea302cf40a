-- Deletes the conversions marked for erasure from an upload that is claimed and about to be sent. Returns unchanged; changed, if
-- something was deleted; empty, if it is not to be sent any more; or lease-lost.
select erase_from_upload(:?upload.id::bigint, :?upload.claim_number::int) as erasure_result
