-- What is told of the check of a counter, in answers to administrators and in the log.

create or replace function can_upload(outcome text, permission text) returns boolean language sql immutable
return case when outcome in ('token_invalid', 'no_access', 'counter_not_found') then false
            when permission in ('own', 'edit') then true end;

comment on function can_upload is 'Whether a token may upload to a counter; null where that is not known.';

create or replace function counter_problem(outcome text, counter_id bigint, permission text, detail text) returns text
language sql immutable
return case outcome
         when 'token_invalid' then 'Metrika does not accept the token, so nothing can be uploaded: PATCH the webhook with another '
           || 'token.'
         when 'no_access' then
           case when detail is null
                then format('The token may look at the counter %s (permission %s), but not upload to it: give its account the right to '
                            'edit the counter, or PATCH the webhook with another token.', counter_id, permission)
                else format('Metrika does not let the token see the counter %s, so uploads will hardly be taken: give its account the '
                            'right to edit the counter, or PATCH the webhook with another token or counter_id.', counter_id) end
         when 'counter_not_found' then format('Metrika knows no counter %s: PATCH the webhook with the right counter_id.', counter_id)
         when 'unreachable' then 'Metrika could not be asked; it is asked again automatically.'
       end || coalesce(' ' || detail, '');

comment on function counter_problem is 'What is wrong by the check of a counter, and what to do; null when nothing is.';

create or replace function shown_goals(goals jsonb) returns json language sql immutable
return (select coalesce(json_agg(json_build_object(
                 'id', goal->'id', 'name', goal->'name', 'type', goal->'type',
                 'targets', (select coalesce(json_agg(condition->'url'), '[]')
                               from jsonb_array_elements(goal->'conditions') as condition
                              where goal->>'type' = 'action' and condition->>'type' in ('exact', 'action'))) order by place), '[]')
          from jsonb_array_elements(goals) with ordinality as listed (goal, place));

comment on function shown_goals is 'The goals of a counter as an administrator sees them; targets are what a conversion may name.';

create or replace function shown_counter_check(for_counter bigint, for_login text) returns json language sql stable
return (select json_build_object(
                 'outcome', outcome, 'since', utc_text(since), 'checked_at', utc_text(checked_at),
                 'problem', counter_problem(outcome, counter_id, permission, detail),
                 'can_upload', can_upload(outcome, permission),
                 'counter_name', counter_name, 'counter_time_zone', counter_time_zone,
                 'goals_read_at', utc_text(goals_read_at), 'goals', case when goals is not null then shown_goals(goals) end)
          from counter_check
         where counter_id = for_counter and login = for_login and outcome is not null);

comment on function shown_counter_check is 'The check of a counter as an administrator sees it; null when there was none yet.';

create or replace function counter_warnings(for_counter bigint, for_login text) returns json language sql stable
return (select case when outcome is null or outcome = 'unreachable' then
                 json_build_array(json_build_object(
                   'field', 'counter_id', 'code', 'not_checked_yet',
                   'message', 'Metrika has not said yet whether the token may upload to this counter. It is asked again automatically, '
                              || 'and GET of the webhook shows the outcome' || coalesce('. ' || detail, '')))
               when outcome <> 'ok' then
                 json_build_array(json_build_object(
                   'field', case outcome when 'counter_not_found' then 'counter_id' else 'token' end, 'code', outcome,
                   'message', counter_problem(outcome, for_counter, permission, detail)))
               end
          from (select) as one
          left join counter_check on counter_id = for_counter and login = for_login);

comment on function counter_warnings is 'What the check of a counter warns of, as it stands in an answer; null when nothing.';
