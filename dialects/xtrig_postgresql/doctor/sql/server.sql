SELECT current_setting('server_version') AS version, current_database()::text AS database, session_user::text AS role,
    current_user::text AS acts_as,
    (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS is_superuser,
    pg_has_role('pg_read_all_stats', 'USAGE') AS sees_sessions,
    pg_is_in_recovery() AS is_standby, pg_backend_pid() AS pid,
    host(inet_server_addr()) AS address, inet_server_port() AS port
