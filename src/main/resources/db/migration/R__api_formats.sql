-- Formats of the API. Scripts are applied in the order of their names, and batch_status needs this.

create or replace function utc_text(moment timestamptz) returns text language sql stable
return to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');

comment on function utc_text is 'A time in the format of the API.';

create or replace function batch_error(code text, message text) returns jsonb language sql stable
return jsonb_build_object('code', code, 'message', message, 'at', utc_text(clock()));

comment on function batch_error is 'An entry of a batch''s errors.';
