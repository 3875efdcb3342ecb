BEGIN
  UPDATE session_log
  SET logoff_at = @now@, ended_by = 'logoff', last_seen_at = NULL, detected_at = NULL
  WHERE attempt = (
      SELECT max(a.id) FROM login_attempt a WHERE a.session_id = current_connection AND a.login_user = current_user
    ) AND logoff_at IS NULL;
  @caught@
END
