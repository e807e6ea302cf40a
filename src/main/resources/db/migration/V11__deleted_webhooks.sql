-- A webhook is deleted at once, whatever it has; its batches, conversions and uploads follow in the background. No foreign
-- key leads to the webhook any more: a check of one waits while somebody holds the webhook's row, and one writer waits for all.
-- What belongs to a webhook that is gone is seen by nobody, since whoever asks for it comes by the webhook.
alter table batch drop constraint batch_webhook_id_fkey;
alter table upload drop constraint upload_webhook_id_fkey;

-- Webhooks whose rows are still to be deleted.
create table deleted_webhook (
  id         uuid primary key,
  deleted_at timestamptz not null default clock()
);

-- Uploads that have not come to a good end: what a status is asked for by, and what stands against a deletion.
create index upload_not_completed on upload (webhook_id) where state not in ('completed', 'replaced');
create index batch_withdrawn on batch (webhook_id, id) where withdrawn_at is not null;
