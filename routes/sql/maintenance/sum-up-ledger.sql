-- Sums up, for the ledger, uploads that have ended. Answers how many.
select sum_up_ledger(1000000) as uploads
