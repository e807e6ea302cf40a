-- Makes the tables that the conversions of the next two weeks will lie in, where they are missing.
select add_days(14)
