-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.
-- warning: trigger 'firewall': enforce: terminate: that pg_terminate_backend ends the session that is logging in is not documented; its message is not shown, and the rows of this event's triggers are lost [XT223]

-- Function public.firewall
CREATE OR REPLACE FUNCTION public.firewall RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- exempt_roles: nothing is done for these roles.
    IF polar_login_user NOT IN ('dba') THEN
        -- lock_timeout: a lock held elsewhere may delay this, not hold it.
        ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
        IF pg_catalog.current_setting('application_name') = 'badapp' THEN
            ignored := pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid());
        END IF;
    END IF;
-- « polardb-end-of-function: public.firewall | xtrig:1:811c9d5501fcac2d:public

-- « polardb-trigger: firewall | logon | ON after_user_logon | PROCEDURE | public.firewall | xtrig:1:9004337dab825207:public
