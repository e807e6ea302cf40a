-- A call is over: another one of its login may begin.
delete from in_flight_call where id = :?permit.call::bigint
