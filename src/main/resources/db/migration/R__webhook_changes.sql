-- Locks the row until the change is committed: whoever reads a number sees all changes up to it.
create or replace function count_webhook_change() returns trigger language plpgsql as $$
begin
  update webhook_changes set changes = changes + 1;
  return null;
end
$$;

comment on function count_webhook_change is 'Counts changes of any webhook in webhook_changes.';

create or replace trigger webhook_changes
  after insert or delete or update of counter_id, time_zone, requests_per_minute, is_active,
                                      secret_hash, previous_secret_hash, previous_valid_until
  on webhook for each statement execute function count_webhook_change();

create or replace function count_webhook_version() returns trigger language plpgsql as $$
begin
  new.version := old.version + 1;
  return new;
end
$$;

comment on function count_webhook_version is 'Counts changes of a webhook in webhook.version.';

create or replace trigger webhook_version
  before update of counter_id, time_zone, requests_per_minute, is_active,
                   secret_hash, previous_secret_hash, previous_valid_until
  on webhook for each row execute function count_webhook_version();
