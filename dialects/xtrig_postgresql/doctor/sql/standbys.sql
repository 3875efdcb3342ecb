-- Walsenders with a database are those of logical replication.
SELECT r.application_name AS name, r.state, sync_state, a.datname::text AS database
FROM pg_stat_replication AS r LEFT JOIN pg_stat_activity AS a ON a.pid = r.pid
ORDER BY 1, 4
