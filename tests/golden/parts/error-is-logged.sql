-- on_error: allow. The «what» goes on, and the error is in the server log.
EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
    RAISE LOG 'xtrig %', json_build_object(
        'outcome', 'error',
        'function', '«function»',
        'event', '«event»',
        'login_user', session_user,
        'client_ip', host(inet_client_addr()),
        'backend_pid', pg_backend_pid(),
        'sqlstate', SQLSTATE,
        'error', SQLERRM
    );
END;
