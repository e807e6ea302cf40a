-- How often webhooks have changed: what was read at this number is still true.
select changes from webhook_changes
