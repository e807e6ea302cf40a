-- Where each source that pulls begins, which its overlap does not reach before.

alter table source_cursor add column begins_at text;

comment on column source_cursor.begins_at is 'The position that nothing is read before: the first one, or one that an administrator has set; null: unknown';
