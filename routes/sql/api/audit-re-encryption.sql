-- That everything was encrypted anew, from the command line.
insert into audit (actor, action, details)
select 'command line', 're-encrypt', jsonb_build_object('webhooks', ?::int, 'renewed', ?::int, 'unreadable', ?::int)
