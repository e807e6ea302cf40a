-- Gives up what has waited for 21 days, as without a valid token: Metrika cannot link it any more. What Metrika may have
-- already is not given up, but looked for; what was only sent again to link more keeps what it had.
update upload
   set state       = coalesce(standing, 'expired'),
       next_try_at = null,
       errors      = case when standing is not null then errors
                          else jsonb_build_array(problem('expired', 'This could not be sent for 21 days, and Metrika does not link '
                                 || 'what is older. The last failure: ' || coalesce(errors -> -1 ->> 'message', 'none'))) end,
       updated_at  = clock()
 where state = 'planned' and expires_at < clock()
   and unknown_since is null and lease_until is null
