-- Deletes news that are 30 days old, with their deliveries: longer than a batch may be sent again and its end told of anew.
delete from event where created_at < clock() - interval '30 days'
