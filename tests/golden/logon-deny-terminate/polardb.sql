-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.
-- warning: trigger 'firewall': enforce: terminate: that pg_terminate_backend ends the session that is logging in is not documented; its message is not shown, and the rows of this event's triggers are lost [XT223]

-- « polardb-helper: public.firewall
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: public.firewall
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('dba') THEN
        -- « log-line-alone: exempt | public.firewall | logon
        RETURN NULL;
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
-- « polardb-end-of-helper: public.firewall | xtrig:1:6bbfd214f5a9ab12:public | xtrig:1:cc61134614d07efc:public | public

-- « polardb-trigger: firewall | logon | ON after_user_logon | PROCEDURE | public.firewall | xtrig:1:9004337dab825207:public
