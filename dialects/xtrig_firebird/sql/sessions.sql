SELECT CAST(t.session_id AS VARCHAR(20)) AS session_id, t.login_user, t.database_name, t.client_ip, t.client_port,
  t.application, CAST(NULL AS VARCHAR(63)) AS auth_method, CAST(NULL AS INTEGER) AS backend_pid,
  @instance@ AS instance, t.logon_at, t.logoff_at,
  iif(t.is_gone, 'inferred', t.ended_by) AS ended_by, t.last_seen_at, t.detected_at, 'login trigger' AS source,
  CAST(datediff(MILLISECOND FROM t.logon_at TO t.logoff_at) * 0.001 AS NUMERIC(18, 3)) AS duration,
  CAST(datediff(MILLISECOND FROM t.logon_at TO t.last_seen_at) * 0.001 AS NUMERIC(18, 3)) AS duration_at_least,
  CAST(datediff(MILLISECOND FROM t.logon_at TO t.detected_at) * 0.001 AS NUMERIC(18, 3)) AS duration_at_most
FROM (
  SELECT e.session_id, e.login_user, e.database_name, e.client_ip, e.client_port, e.application, e.logon_at, e.logoff_at,
    e.ended_by, e.is_gone, iif(e.is_gone, e.seen_at, e.last_seen_at) AS last_seen_at,
    iif(e.is_gone, @now@, e.detected_at) AS detected_at
  FROM (
    SELECT a.session_id, a.login_user, a.database_name, a.client_ip, a.client_port, a.application, a.logon_at,
      s.logoff_at, s.ended_by, s.last_seen_at, s.detected_at,
      maxvalue(a.logon_at, coalesce((SELECT max(l.looked_at) FROM session_look l), a.logon_at)) AS seen_at,
      s.ended_by IS NULL AND @is_gone@ AS is_gone
    FROM session_log s JOIN login_attempt a ON a.id = s.attempt
  ) e
) t
