    -- Not after the last one: a clock that was wrong may have left one far ahead.
    begins := date_trunc(@unit@, now());  -- the time zone is UTC here
    WHILE begins <= now() + @ahead@ * @period@::pg_catalog.interval LOOP
        SELECT max(p.until) FILTER (WHERE p.since <= greatest(begins, now()) AND p.until > greatest(begins, now())),
            min(p.since) FILTER (WHERE p.since > greatest(begins, now())),
            max(p.until) FILTER (WHERE p.until <= now())
        INTO ends, next, past
        FROM (
            SELECT substring(bound FROM $re$FROM \('([^']+)'\)$re$)::timestamptz AS since,
                substring(bound FROM $re$TO \('([^']+)'\)$re$)::timestamptz AS until
            FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid, pg_get_expr(c.relpartbound, c.oid) AS bound
            WHERE inhparent = @text:session_log@::regclass
        ) AS p;
        IF ends IS NOT NULL THEN
            begins := ends;
            CONTINUE;
        END IF;
        begins := greatest(begins, past);
        ends := least(date_trunc(@unit@, begins) + @period@::pg_catalog.interval, next);
        part := 'session_log_' || to_char(begins, 'YYYYMMDDHH24MI');
        EXECUTE format(
            'CREATE TABLE %1$I.%2$I (LIKE %1$I.session_log INCLUDING ALL, '
            'CONSTRAINT attach CHECK (recorded_at >= %3$L AND recorded_at < %4$L))', @name@, part, begins, ends
        );
        EXECUTE format(
            'ALTER TABLE %1$I.session_log ATTACH PARTITION %1$I.%2$I FOR VALUES FROM (%3$L) TO (%4$L)',
            @name@, part, begins, ends
        );
        EXECUTE format('ALTER TABLE %I.%I DROP CONSTRAINT attach', @name@, part);
        said := said || jsonb_build_object('made', coalesce(said -> 'made', '[]') || to_jsonb(part));
        begins := ends;
    END LOOP;
