-- Records in the audit that the command re-encrypt has run.
insert into audit (actor, action, details)
select 'command line', 're-encrypt', jsonb_build_object('webhooks', ?::int, 'renewed', ?::int, 'unreadable', ?::int)
