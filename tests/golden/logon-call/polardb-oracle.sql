-- Rendered by xtrig for PolarDB for PostgreSQL (compatible with Oracle) 2.0.14.15.31.0: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.

-- Function public.notify
CREATE OR REPLACE FUNCTION public.notify RETURN event_trigger AUTHID DEFINER IS
    ignored text;
BEGIN
    -- security: definer. Every name is qualified: this form has no SET clause.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    -- standby: skip. Nothing can be written on a read-only node or in a read-only session.
    IF NOT (pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on') THEN
        ignored := app.on_login(polar_login_user, 1, NULL, 'x');
        app.sync();
    END IF;
END;

COMMENT ON FUNCTION public.notify() IS 'xtrig:1:1cb80cd9188781f9:public';

DROP EVENT TRIGGER IF EXISTS notify;

-- Trigger notify: logon
CREATE EVENT TRIGGER notify AFTER LOGON ON DATABASE
    EXECUTE FUNCTION public.notify();

COMMENT ON EVENT TRIGGER notify IS 'xtrig:1:f4ea0a4904233a3d:public';
