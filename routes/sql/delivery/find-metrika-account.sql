-- Selects of a webhook what calls of Metrika need: its counter and its token.
select id as webhook_id, counter_id, login, token from webhook where id = :?form.id::uuid
