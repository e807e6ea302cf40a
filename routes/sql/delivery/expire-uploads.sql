-- Gives up uploads that have waited for 21 days, as without a valid token: Metrika no longer links their conversions. A file
-- that Metrika may have is looked up for a day longer, and then given up too; an upload that was only sent again to link more
-- keeps the end that it had. Uploads that another process works on, or that somebody is changing, are left for the next run.
-- Returns the uploads, as the route logs them.
with late as materialized (
  select id
    from upload
   where state = 'planned'
     and (lease_expires_at is null or lease_expires_at <= clock())
     and expires_at < clock() - case when unknown_since is null and lease_expires_at is null then interval '0'
                                     else interval '1 day' end
   order by id
     for no key update skip locked
)
update upload
   set state            = coalesce(kept_status, 'expired'),
       next_attempt_at  = null,
       lease_expires_at = null,
       errors           = case when kept_status is not null then errors
                               else jsonb_build_array(batch_error('expired', case
                                      when unknown_since is null and lease_expires_at is null
                                        then 'This could not be sent for 21 days, and Metrika does not link what is older.'
                                      else 'This was sent, and for 21 days Metrika could not be asked whether it has '
                                        || 'arrived: it may have. Look for the file with the comment ' || tag
                                        || ' at Metrika before sending it again.'
                                      end || ' The last failure: ' || coalesce(errors -> -1 ->> 'message', 'none'))) end,
       updated_at       = clock()
  from late
 where upload.id = late.id
returning case when upload.state = 'expired' then 'error' end as outcome, upload.id as upload, metrika_upload_id as id,
          webhook_id, 'expired: after 21 days Metrika does not link it any more' as summary
