-- Deletes refused rows that did not come again for as long as conversions of batches in error are kept.
delete from refused_row where last_received_at < clock() - :?{{retention.error}}::interval
