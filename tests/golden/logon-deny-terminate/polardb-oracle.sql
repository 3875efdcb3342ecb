-- Rendered by xtrig for PolarDB for PostgreSQL (compatible with Oracle) 2.0.14.15.31.0: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.
-- warning: trigger 'firewall': enforce: terminate: that pg_terminate_backend ends the session that is logging in is not documented; its message is not shown, and the rows of this event's triggers are lost [XT223]

-- Function public.firewall
CREATE OR REPLACE FUNCTION public.firewall RETURN event_trigger AUTHID DEFINER IS
    ignored text;
BEGIN
    -- security: definer. Every name is qualified: this form has no SET clause.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- exempt_roles: nothing is done for these roles.
    IF polar_login_user NOT IN ('dba') THEN
        -- lock_timeout: a lock held elsewhere may delay this, not hold it.
        ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
        IF pg_catalog.current_setting('application_name') = 'badapp' THEN
            ignored := pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid());
        END IF;
    END IF;
END;

COMMENT ON FUNCTION public.firewall() IS 'xtrig:1:16e889cdf67460a6:public';

DROP EVENT TRIGGER IF EXISTS firewall;

-- Trigger firewall: logon
CREATE EVENT TRIGGER firewall AFTER LOGON ON DATABASE
    EXECUTE FUNCTION public.firewall();

COMMENT ON EVENT TRIGGER firewall IS 'xtrig:1:57f936993aa55078:public';
