SELECT session_id, login_user, database_name, client_ip, client_port, application, auth_method, backend_pid, instance,
    logon_at, logoff_at, ended_by, last_seen_at, detected_at, source, logoff_at - logon_at AS duration,
    last_seen_at - logon_at AS duration_at_least, detected_at - logon_at AS duration_at_most
FROM (
    SELECT {columns}
    FROM {log}
    UNION ALL
    SELECT {columns}
    FROM (
{paired}
    ) AS told
) AS recorded
