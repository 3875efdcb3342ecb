-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.
-- warning: trigger 'everything': ${current_user}: under security: definer it is always the function's owner [XT113]

-- Function public.everything
CREATE OR REPLACE FUNCTION public.everything RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- « polardb-guards: 250ms
    -- « polardb-standby
        INSERT INTO public.facts (login_user_, current_user_, database_, client_ip_, client_port_, client_host_, application_, backend_pid_, session_id_, instance_, server_version_, ssl_, event_, native_event_, tag_, now_, hour_utc_)
        VALUES (
            polar_login_user,
            current_user,
            polar_database_name,
            polar_client_ip,
            pg_catalog.inet_client_port(),
            (SELECT s.client_hostname FROM pg_catalog.pg_stat_activity s WHERE s.pid = pg_catalog.pg_backend_pid()),
            pg_catalog.current_setting('application_name'),
            pg_catalog.pg_backend_pid(),
            CAST(pg_catalog.pg_backend_pid() AS text),
            polar_instance_num,
            pg_catalog.current_setting('server_version'),
            (SELECT s.ssl FROM pg_catalog.pg_stat_ssl s WHERE s.pid = pg_catalog.pg_backend_pid()),
            'logon',
            tg_event,
            tg_tag,
            CURRENT_TIMESTAMP,
            EXTRACT(HOUR FROM CURRENT_TIMESTAMP AT TIME ZONE 'UTC')
        );
    END IF;
-- « polardb-end-of-function: public.everything | xtrig:1:6ce867ec493e27c9:public

-- « polardb-trigger: everything | logon | ON after_user_logon | PROCEDURE | public.everything | xtrig:1:bc6f674352f0f282:public
