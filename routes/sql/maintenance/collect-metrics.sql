-- Returns the metrics that are made from tables, as JSON. One process computes them for all: the one that finds those of the others
-- more than four seconds old.
with computed as (
  insert into metric_snapshot (computed_at, metrics)
  select clock(), (select jsonb_agg(metric) from current_metrics(
                     case when :?{{metrics.per-webhook}}::boolean then :?{{metrics.per-webhook-limit}}::int else 0 end,
                     :?{{metrika.calls-per-day}}::int) as metric)
   where not exists (select from metric_snapshot where computed_at > clock() - interval '4 seconds')
      on conflict (id) do update set computed_at = excluded.computed_at, metrics = excluded.metrics
  returning metrics
)
select coalesce((select metrics from computed), (select metrics from metric_snapshot))::text as metrics
