-- A call is over: another one of its login may begin.
delete from call_under_way where id = :?permit.call::bigint
