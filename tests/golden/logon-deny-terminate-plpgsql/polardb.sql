-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- warning: trigger 'firewall': language: plpgsql at logon and logoff is shown nowhere in PolarDB's documentation [XT210]
-- warning: trigger 'firewall': enforce: terminate: that pg_terminate_backend ends the session that is logging in is not documented; its message is not shown, and the rows of this event's triggers are lost [XT223]

-- Function public.firewall
CREATE OR REPLACE FUNCTION public.firewall()
    RETURNS event_trigger
    LANGUAGE plpgsql
    -- security: definer. The pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    -- A client chooses these before it logs in, and they change what the text below means.
    SET standard_conforming_strings = on
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('dba') THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'exempt',
            'function', 'public.firewall',
            'event', 'logon',
            'login_user', session_user,
            'client_ip', host(inet_client_addr()),
            'backend_pid', pg_backend_pid()
        );
        RETURN;
    END IF;
    BEGIN
        IF current_setting('application_name') = 'badapp' THEN
            PERFORM pg_terminate_backend(pg_backend_pid());
        END IF;
    -- on_error: allow. The login goes on, and the error is in the server log.
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'error',
            'function', 'public.firewall',
            'event', 'logon',
            'login_user', session_user,
            'client_ip', host(inet_client_addr()),
            'backend_pid', pg_backend_pid(),
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
    END;
END
$xtrig$;

COMMENT ON FUNCTION public.firewall() IS 'xtrig:1:e3e300e8e24cd55c:public';

DROP EVENT TRIGGER IF EXISTS firewall;

-- Trigger firewall: logon
CREATE EVENT TRIGGER firewall ON after_user_logon
    EXECUTE PROCEDURE public.firewall();

COMMENT ON EVENT TRIGGER firewall IS 'xtrig:1:9004337dab825207:public';
