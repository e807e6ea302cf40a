-- Adds uploads that have ended to the sums of the ledger. Returns how many.
select sum_up_ledger(1000000) as uploads
