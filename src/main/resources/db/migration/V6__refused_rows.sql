-- Rows that were left out of a batch, where its source lets bad rows be left out: [{line, field, reason, row}]. Written
-- together with the batch, so that its source, delivered again after a crash, gives the same verdict on each row.
alter table batch add column refused json;
