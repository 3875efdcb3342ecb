DECLARE
    kept pg_catalog.interval := {retention};
    deleted bigint;
BEGIN
    -- Both ends of a session go together: a logon when what came after it in its process is old, too.
    DELETE FROM {events} WHERE ctid = ANY (ARRAY(
        SELECT e.ctid FROM (
            SELECT ctid, event, backend_pid, "at", lead("at") OVER w AS next_at
            FROM {events} WINDOW w AS (PARTITION BY backend_pid ORDER BY "at", event DESC)
        ) AS e
        WHERE e."at" < clock_timestamp() - kept AND CASE
            WHEN e.event = 'logoff' THEN true
            WHEN e.next_at IS NOT NULL THEN e.next_at < clock_timestamp() - kept
            -- Without a logoff it may still be there.
            ELSE NOT EXISTS (
                SELECT FROM pg_stat_get_activity(NULL) AS s
                WHERE s.pid = e.backend_pid AND (s.backend_start > e."at") IS NOT TRUE
            )
        END
        ORDER BY e."at" LIMIT at_most
    ));
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN jsonb_build_object('deleted', deleted, 'behind', deleted = at_most);
END
