-- Selects how often webhooks have changed. What was read at this number is still current.
select changes from webhook_changes
