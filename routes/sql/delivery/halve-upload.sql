-- Replaces a rejected upload of several batches by two uploads of half of them each, until the batch that Metrika rejects is
-- alone. Not when the counter is wrong, which it would be for each half too; and not after a thousand rejected parts of one
-- file, which bounds the calls.
select id
  from halve_upload(:?upload.id::bigint, :?upload.claim_number::int, :?failure.wrong_counter::boolean) as id
 where id is not null
