-- Cursors that are times of the source's own clock, without an offset.

alter table source_cursor drop constraint source_cursor_format_check;
alter table source_cursor add constraint source_cursor_format_check check (format in ('iso', 'local', 'unix', 'number', 'text'));

comment on column source_cursor.format is 'How a position is written: an ISO 8601 time, a local time, Unix seconds, a number or a text';
