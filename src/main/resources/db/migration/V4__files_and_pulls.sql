-- Where in a file a refused row stood, and what the last pull of a source came to.

alter table refused_row
  add column file text,
  add column line bigint;

comment on column refused_row.file is 'The name of the file that it last stood in; null when it came otherwise';
comment on column refused_row.line is 'The line of the file that it began at';

alter table source_cursor add column last_pull jsonb;

comment on column source_cursor.last_pull is 'What became of the rows of the last pull that came to its end: how many were read, stored, '
  'known already, refused, and without an identifier';
