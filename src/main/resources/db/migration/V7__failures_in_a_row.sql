-- Pauses grow with what has failed. How often an upload was claimed says nothing of that: a killed process, the wait for
-- Metrika's list and our own account of its quotas cost claims, and are no failures.

alter table upload
  add column failures      integer not null default 0, -- of Metrika or the way to it, since anything of it last succeeded
  add column refusals      integer not null default 0, -- how often in a row there was no such counter to look for it in
  add column refused_since timestamptz;                -- when that was so for the first time
