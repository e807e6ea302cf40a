-- Selects the ledger, by webhook and in total.
with entry as materialized (
  select * from ledger
)
select row_to_json(answer)::text
  from (select (select row_to_json(total) from (
             select coalesce(sum(received), 0) as received, coalesce(sum(duplicate), 0) as duplicate,
                    coalesce(sum(accepted), 0) as accepted, coalesce(sum(waiting), 0) as waiting,
                    coalesce(sum(in_flight), 0) as in_flight, coalesce(sum(completed), 0) as completed,
                    coalesce(sum(error), 0) as error, coalesce(sum(withdrawn), 0) as withdrawn,
                    coalesce(sum(expired), 0) as expired, coalesce(sum(erased), 0) as erased
                       from entry) as total) as total,
               coalesce((select json_agg(entry order by webhook_id) from entry), '[]') as webhooks) as answer
