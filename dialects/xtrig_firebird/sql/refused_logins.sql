SELECT a.logon_at AS @at@, CAST(a.session_id AS VARCHAR(20)) AS session_id, a.login_user, a.database_name, a.client_ip,
  a.application, CAST(iif(a.refusal IS NULL, NULL, 'HY000') AS VARCHAR(5)) AS @sqlstate@,
  coalesce(a.refusal, 'refused by a trigger at CONNECT') AS message
FROM login_attempt a LEFT JOIN session_log s ON s.attempt = a.id
WHERE s.attempt IS NULL AND NOT @is_there@
