BEGIN
  address = rdb$get_context('SYSTEM', 'CLIENT_ADDRESS');
  slash = coalesce(position('/' IN address), 0);
  BEGIN
    application = @application@;
    -- A client calls its program what it likes; its login is recorded all the same.
    WHEN ANY DO application = NULL;
  END
  @alone@
  INSERT INTO login_attempt (session_id, login_user, database_name, client_ip, client_port, application, logon_at)
  VALUES (
    current_connection,
    current_user,
    @database@,
    left(iif(:slash > 0, left(:address, :slash - 1), :address), 63),
    iif(:slash > 0, CAST(substring(:address FROM :slash + 1) AS INTEGER), NULL),
    :application,
    @now@
  ) RETURNING id INTO :attempt;
  BEGIN
    -- A refusal, of whichever trigger, takes this row back and leaves the other.
    INSERT INTO session_log (attempt) VALUES (:attempt);
    @unrecorded@
  END
  @caught@
END
