BEGIN
    -- on_error: allow. The login goes on, and the line in the server log says what the row would have said. A cancel
    -- comes from the client and refuses it: nobody gets in unrecorded. statement_timeout does not run at a login.
    -- Nothing looks ahead for a standby or a read-only session: the INSERT fails there at once and without harm.
    BEGIN
        INSERT INTO @schema@.session_inbox (
@relaxed@            synchronous_commit,
            login_user, client_addr, client_port, application, authn, backend_pid, started_at,
            database_name
        )
        VALUES (
@relaxed@            -- durability: relaxed. As a SET clause it would be undone before the commit.
@relaxed@            set_config('synchronous_commit', 'off', true),
            SESSION_USER, inet_client_addr(), inet_client_port(), current_setting('application_name'), SYSTEM_USER,
            pg_backend_pid(), CURRENT_TIMESTAMP, current_database()
        );
    EXCEPTION WHEN OTHERS OR assert_failure THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', CASE SQLSTATE WHEN '25006' THEN 'not written' ELSE 'error' END,
            'function', @text:logon@,
            'event', 'logon',
            'login_user', SESSION_USER,
            'client_ip', host(inet_client_addr()),
            'client_port', inet_client_port(),
            'application', current_setting('application_name'),
            'authn', SYSTEM_USER,
            'backend_pid', pg_backend_pid(),
            'started_at', CURRENT_TIMESTAMP,
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
        RETURN;
    END;
    -- One login in ten, those within 50 ms of a full second, asks whether it is time to look for ended sessions:
    -- this comparison costs 3 % of a login, and reading the table at each login 7 to 13 %.
    IF CURRENT_TIMESTAMP(0) = CURRENT_TIMESTAMP(1) THEN
        BEGIN
            IF (SELECT reap_due FROM @schema@.session_state) < CURRENT_TIMESTAMP THEN
                PERFORM @schema@.reap_at_login();
            END IF;
        EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
            RAISE LOG 'xtrig %', json_build_object(
                'outcome', 'error', 'function', @text:reap_at_login@, 'sqlstate', SQLSTATE, 'error', SQLERRM
            );
        END;
    END IF;
END
