DECLARE
    looked_at timestamptz := clock_timestamp();
    now_on text := left(pg_walfile_name(pg_current_wal_insert_lsn()), 8);
    state record;
    changed integer;
BEGIN
    SELECT * INTO STRICT state FROM @schema@.session_state;
    -- The rows are read as of the statement's start, the backends later: a row without a backend is a dead session's.
    PERFORM pg_stat_clear_snapshot();
    WITH live AS MATERIALIZED (
        SELECT pid, s.backend_start FROM pg_stat_get_activity(NULL) AS s WHERE s.backend_start IS NOT NULL
    ), found AS MATERIALIZED (
        SELECT i.ctid AS row, live.pid IS NOT NULL AS alive, live.backend_start AS began
        FROM @schema@.session_inbox AS i
        LEFT JOIN live ON live.pid = i.backend_pid
            AND CASE WHEN i.backend_start IS NULL
                THEN live.backend_start <= i.started_at ELSE live.backend_start = i.backend_start END
        WHERE i.ctid >= format('(%s,0)', from_block)::tid AND i.ctid < format('(%s,0)', to_block)::tid
          AND i.ended_by IS NULL AND (live.pid IS NULL OR i.backend_start IS NULL)
        LIMIT at_most
        FOR UPDATE OF i SKIP LOCKED
    )
    UPDATE @schema@.session_inbox AS i
    SET backend_start = coalesce(i.backend_start, found.began),
        -- After a failover nobody here has seen the session alive.
        ended_by = CASE WHEN alive THEN NULL WHEN state.timeline NOT IN ('', now_on) THEN 'unknown' ELSE 'inferred' END,
        last_seen_at = CASE WHEN NOT alive THEN greatest(i.started_at, least(
            state.complete_at, CASE WHEN pg_postmaster_start_time() > i.started_at THEN pg_postmaster_start_time() END
        )) END,
        -- It can not have outlived the server it was a session of.
        detected_at = CASE WHEN alive THEN NULL WHEN pg_postmaster_start_time() > i.started_at
            THEN least(looked_at, pg_postmaster_start_time()) ELSE looked_at END
    FROM found WHERE i.ctid = found.row;
    GET DIAGNOSTICS changed = ROW_COUNT;
    -- Only a look at everything moves the time at which all the open ones were seen.
    IF changed < at_most AND from_block = 0
        AND to_block * current_setting('block_size')::bigint >= pg_relation_size(@text:session_inbox@) THEN
        UPDATE @schema@.session_state SET complete_at = looked_at, timeline = now_on;
    END IF;
    RETURN changed;
END
