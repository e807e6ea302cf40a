-- Plans uploads again that Metrika could not link in full, at the ages of upload.relink: it may know visitors by now that it
-- did not know then, and it overwrites the rows that it has. Meanwhile the batches keep their status.
select resend_unlinked()
