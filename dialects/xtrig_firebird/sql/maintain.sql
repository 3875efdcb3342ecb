BEGIN
  IF (NOT (@sees_all@)) THEN
    -- To others every session but their own would seem to be gone.
    stopped = CAST('xtrig: only SYSDBA and the owner see all sessions' AS BOOLEAN);
  ended = 0;
  deleted = 0;
  old = dateadd(-@retention@ TO @now@);
  SELECT max(l.looked_at) FROM session_look l INTO :looked_at;
  FOR
    SELECT s.attempt, maxvalue(a.logon_at, coalesce(:looked_at, a.logon_at))
    FROM session_log s JOIN login_attempt a ON a.id = s.attempt
    WHERE s.ended_by IS NULL AND @is_gone@
    INTO :attempt, :seen_at
  DO
  BEGIN
    UPDATE session_log
    SET ended_by = 'inferred', last_seen_at = :seen_at, detected_at = @now@
    WHERE attempt = :attempt AND ended_by IS NULL;
    ended = ended + row_count;
    -- Somebody else is about to write its end.
    WHEN ANY DO BEGIN END
  END
  BEGIN
    DELETE FROM session_look;
    INSERT INTO session_look (looked_at) VALUES (
      @began@
    );
    WHEN ANY DO BEGIN END
  END
  FOR
    SELECT a.id FROM login_attempt a LEFT JOIN session_log s ON s.attempt = a.id
    WHERE a.logon_at < :old AND (s.attempt IS NULL OR coalesce(s.logoff_at, s.detected_at) < :old)
    ROWS :at_most
    INTO :attempt
  DO
  BEGIN
    DELETE FROM session_log WHERE attempt = :attempt;
    DELETE FROM login_attempt WHERE id = :attempt;
    deleted = deleted + row_count;
    WHEN ANY DO BEGIN END
  END
END
