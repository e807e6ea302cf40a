-- Selects of each counter when its goals were last read, and the goals themselves where that was after a time.
select distinct on (counter_id)
       counter_id, goals_read_at, case when goals_read_at > ? then goals::text end as goals
  from counter_check
 where goals_read_at is not null
 order by counter_id, goals_read_at desc
