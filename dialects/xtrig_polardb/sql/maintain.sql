DECLARE
    said jsonb := '{{}}';
    looked_at timestamptz; pids integer[]; began timestamptz[]; put_away bigint;
    begins timestamptz; ends timestamptz; next timestamptz; past timestamptz; part text;
BEGIN
    BEGIN
        -- One call at a time. Neither readers nor logins wait for it.
        LOCK TABLE {log} IN SHARE UPDATE EXCLUSIVE MODE NOWAIT;
    EXCEPTION WHEN lock_not_available THEN
        RETURN '{{"busy": true}}';
    END;

    -- 1. Partitions ahead: made apart and attached, which from kernel 12 on stops no readers.
{partitions_ahead}

    -- 2. Put away what has ended. Who is there is asked before the rows are read: of a process that was gone then, a
    -- logoff that is not there now comes no more.
    looked_at := clock_timestamp();
    SELECT array_agg(s.pid), array_agg(s.backend_start) INTO pids, began FROM pg_stat_get_activity(NULL) AS s;
    WITH told AS (
{paired}
    ), batch AS (
        SELECT * FROM told WHERE ended_by IS NOT NULL AND logon_at < looked_at ORDER BY logon_at LIMIT at_most
    ), put AS (
        INSERT INTO {log} (
        {columns}
        )
        SELECT {columns}
        FROM batch RETURNING 1
    ), gone AS (
        DELETE FROM {events}
        WHERE ctid = ANY (ARRAY(SELECT begun FROM batch UNION ALL SELECT ended FROM batch))
    )
    SELECT count(*) INTO put_away FROM put;
    said := said || jsonb_build_object('put_away', put_away, 'behind', put_away = at_most);

    -- 3. Retention. What is left of a session whose logon could not be written goes by its age.
    IF put_away < at_most THEN
        DELETE FROM {events}
        WHERE event = 'logoff' AND "at" < clock_timestamp() - {retention}::pg_catalog.interval;
    END IF;
    FOR part IN
        SELECT c.relname FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid
        WHERE inhparent = {log_text}::regclass
          AND substring(pg_get_expr(c.relpartbound, c.oid) FROM $re$TO \('([^']+)'\)$re$)::timestamptz
            < now() - {retention}::pg_catalog.interval
        ORDER BY 1
    LOOP
        BEGIN
            EXECUTE format('DROP TABLE %I.%I', {schema}, part);
            said := said || jsonb_build_object('dropped', coalesce(said -> 'dropped', '[]') || to_jsonb(part));
        EXCEPTION WHEN lock_not_available THEN
            said := said || jsonb_build_object('drop_later', part);
            EXIT;
        END;
    END LOOP;
    RETURN said;
END
