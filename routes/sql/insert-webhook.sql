-- A new webhook. The secret comes as its hash, the token encrypted: neither is readable in the database.
insert into webhook (id, name, description, counter_id, token, login, time_zone, requests_per_minute, secret_hash)
values (:?id, :?name, :?description, :?counter_id, :?token, :?login, :?time_zone, :?requests_per_minute, :?secret_hash)
