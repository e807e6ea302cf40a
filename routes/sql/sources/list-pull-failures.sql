-- Lists the sources that could not be pulled the last time, and why.
select source, failure, utc_text(failing_since) as since from source_cursor where failure is not null
