-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- warning: trigger 'firewall': language: plpgsql at logon and logoff is shown nowhere in PolarDB's documentation [XT210]
-- warning: trigger 'firewall': enforce: terminate: that pg_terminate_backend ends the session that is logging in is not documented; its message is not shown, and the rows of this event's triggers are lost [XT223]

-- « definer: public.firewall
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('dba') THEN
        -- « log-line-alone: exempt | public.firewall | logon
        RETURN;
    END IF;
    BEGIN
        IF current_setting('application_name') = 'badapp' THEN
            PERFORM pg_terminate_backend(pg_backend_pid());
        END IF;
    -- on_error: allow. The login goes on, and the error is in the server log.
    EXCEPTION WHEN OTHERS OR assert_failure THEN
        -- « log-line: error | public.firewall | logon
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
    END;
END
$xtrig$;

COMMENT ON FUNCTION public.firewall() IS 'xtrig:1:b9bfa014fd335ead:public';

-- « polardb-trigger: firewall | logon | ON after_user_logon | PROCEDURE | public.firewall | xtrig:1:9004337dab825207:public
