-- Ends a call to Metrika, so that the next one of its login may begin.
delete from in_flight_call where id = :?permit.call::bigint
