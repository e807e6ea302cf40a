-- Pauses between tries. They grow with the failures in a row; Retry-After is applied by the caller.

create or replace function backoff(failures integer, base interval, factor float8, longest interval) returns interval
language sql immutable
return least(longest, base * factor ^ least(failures, 20)); -- past which every pause is the longest one

comment on function backoff is 'The pause after so many failures: base, and factor times as long with each, but never '
  'longer than the longest.';

create or replace function with_jitter(pause interval) returns interval language sql volatile
return pause + random() * least(pause * 0.2, interval '3 minutes');

comment on function with_jitter is 'A pause, up to a fifth longer: what failed together is not tried again together.';
