-- A login that waits for DDL on login triggers to commit is still 'starting' (18.4; the state is new there).
SELECT application_name, client_addr::text AS address, count(*) AS number,
    count(*) FILTER (WHERE query ~* '^[[:space:]]*discard[[:space:]]+all[[:space:];]*$') AS resets,
    count(*) FILTER (WHERE {hanging}) AS hanging,
    count(*) FILTER (WHERE state = 'starting' AND wait_event_type = 'Lock'
        AND backend_start < clock_timestamp() - interval '{locked_seconds} s') AS held
FROM pg_stat_activity WHERE backend_type = 'client backend'
GROUP BY 1, 2 ORDER BY 1, 2
