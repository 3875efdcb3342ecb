-- Only the trigger calls this: else anybody could record what never was.
IF has_function_privilege(session_user, '«function»(text, text, text, integer, text, text)', 'EXECUTE') AND (
    SELECT current_query() IS NOT NULL OR state IN ('active', 'fastpath function call')
      OR (polar_login_user <> session_user AND (state = 'disabled' OR query = '<insufficient privilege>'))
    FROM pg_stat_get_activity(pg_backend_pid())
) THEN
    RAISE EXCEPTION USING
        MESSAGE = 'function «function» is called by its trigger alone',
        ERRCODE = 'insufficient_privilege';
END IF;
