-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text

-- Function public.notify
CREATE OR REPLACE FUNCTION public.notify RETURN event_trigger IS
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

COMMENT ON FUNCTION public.notify() IS 'xtrig:1:05b2e192325caef5';

DROP EVENT TRIGGER IF EXISTS notify;

-- Trigger notify: logon
CREATE EVENT TRIGGER notify ON after_user_logon
    EXECUTE PROCEDURE public.notify();

COMMENT ON EVENT TRIGGER notify IS 'xtrig:1:b490fc6ba19c9688';
