-- Selects what the check of a webhook's counter warns of, as a JSON array; null when nothing.
select counter_warnings(counter_id, login)::text from webhook where id = :?form.id::uuid
