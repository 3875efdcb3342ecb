SELECT {now} AS recorded_at,
    to_hex(CAST(floor(extract(epoch FROM "at")) AS bigint)) || '.' || to_hex(backend_pid) AS session_id,
    CAST(login_user AS text) AS login_user, CAST(database_name AS text) AS database_name,
    CAST(client_ip AS text) AS client_ip, client_port, application, CAST(NULL AS text) AS auth_method,
    backend_pid, CAST({instance} AS text) AS instance, "at" AS logon_at,
    CASE next_event WHEN 'logoff' THEN next_at END AS logoff_at,
    CASE WHEN next_event = 'logoff' THEN 'logoff' WHEN is_gone THEN 'unknown' END AS ended_by,
    CASE WHEN is_gone THEN "at" END AS last_seen_at,
    CASE WHEN is_gone THEN coalesce(next_at, {now}) END AS detected_at,
    CAST('login trigger' AS text) AS source, begun, CASE next_event WHEN 'logoff' THEN ended END AS ended
FROM (
    SELECT paired.*, next_event IS DISTINCT FROM 'logoff' AND (next_event = 'logon' OR NOT EXISTS (
        SELECT 1 FROM {live}
        WHERE a.pid = paired.backend_pid AND (a.backend_start > paired."at") IS NOT TRUE
    )) AS is_gone
    FROM (
        -- A pid is used again: the next event of the same pid ends a session, if it is a logoff. Whoever makes this has
        -- a search_path, in which an operator of varchar, or an aggregate lead(timestamptz), would be a closer match.
        SELECT e.*, ctid AS begun, CAST(event AS text) AS this_event,
            pg_catalog.lead(CAST(event AS text)) OVER w AS next_event, pg_catalog.lead("at") OVER w AS next_at,
            pg_catalog.lead(ctid) OVER w AS ended
        FROM {events} AS e WINDOW w AS (PARTITION BY backend_pid ORDER BY "at", event DESC)
    ) AS paired
    WHERE this_event = 'logon'
) AS seen
