-- Records in the audit that an administrator had a goal created.
insert into audit (actor, address, action, webhook_id, fields)
values (:?actor, :?address, 'create-goal', :?form.id::uuid, :?form.fields::text[])
