SELECT (SELECT max(a.logon_at) FROM login_attempt a) AS since, CAST(NULL AS @timestamp@) AS until,
  CAST('the database is read-only: no login is recorded' AS VARCHAR(255) CHARACTER SET UTF8) AS reason
FROM mon$database d
WHERE @is_read_only@ AND EXISTS(SELECT 1 FROM login_attempt a)
UNION ALL
SELECT (SELECT max(a.logon_at) FROM login_attempt a), NULL, 'the trigger that records logins is inactive'
FROM rdb$database
WHERE EXISTS(SELECT 1 FROM login_attempt a) AND NOT EXISTS(
    SELECT 1 FROM rdb$triggers t WHERE t.rdb$trigger_name = @trigger@ AND coalesce(t.rdb$trigger_inactive, 0) = 0
  )
UNION ALL
SELECT m.mon$timestamp, NULL, 'session ' || m.mon$attachment_id || ' of ' || trim(m.mon$user)
    || ' has no row: it began without database triggers, or its row could not be written'
FROM mon$attachments m
WHERE m.mon$system_flag = 0 AND m.mon$attachment_id <> current_connection
  AND m.mon$timestamp > (SELECT min(a.logon_at) FROM login_attempt a)
  AND NOT EXISTS(
    SELECT 1 FROM login_attempt a
    WHERE a.session_id = m.mon$attachment_id AND m.mon$timestamp <= dateadd(1 SECOND TO a.logon_at)
  )
