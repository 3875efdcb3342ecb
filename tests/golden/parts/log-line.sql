RAISE LOG 'xtrig %', json_build_object(
    'outcome', '«outcome»',
    'function', '«function»',
    'event', '«event»',
    'login_user', session_user,
    'client_ip', host(inet_client_addr()),
    'backend_pid', pg_backend_pid(),
