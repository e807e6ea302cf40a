-- Returns the metrics that are made from tables, as JSON. One process computes them for all.
select collect_metrics(case when :?{{metrics.per-webhook}}::boolean then :?{{metrics.per-webhook-limit}}::int else 0 end,
                       :?{{metrika.calls-per-day}}::int)::text as metrics
