-- « script: PostgreSQL 18
-- « preflight-usual: 'on_logoff' | to_regprocedure('audit.on_logoff_inferred()') | ('audit', 'log'), ('audit', 'on_logoff_open')
    -- « preflight-log
    -- « preflight-columns-gone
    FOR problem IN
        SELECT format('role %I is exempt and does not exist: whoever creates it is let pass; create it first', wanted)
        FROM unnest(ARRAY['dba']) AS wanted
        WHERE to_regrole(quote_ident(wanted)) IS NULL
    LOOP
        RAISE WARNING '%', problem;
    END LOOP;
    -- « preflight-trust: ('audit', 'log'), ('audit', 'on_logoff_inferred'), ('audit', 'on_logoff_open') | 'audit' | privilege_type = 'TRIGGER'
    -- « preflight-default-privileges: ('audit', 'log'), ('audit', 'on_logoff_open') | defaclobjtype = 'r' AND privilege_type = 'TRIGGER' | NULL
    -- « preflight-end
END
$xtrig$;

-- « new-schema: audit | audit
-- « table-log

-- Open sessions, for the inferred logoff of trigger on_logoff
CREATE TABLE IF NOT EXISTS audit.on_logoff_open (
    backend_pid integer NOT NULL,
    logged_on_at timestamptz NOT NULL,
    login_user text,
    "current_user" text,
    client_ip text,
    client_port integer,
    client_host text,
    application text,
    session_id text,
    auth_method text,
    ssl boolean,
    PRIMARY KEY (backend_pid, logged_on_at)
);

COMMENT ON TABLE audit.on_logoff_open IS 'xtrig:1:eff3be2d33e22504:audit';

-- Function audit.on_logoff_inferred: an inferred logoff
CREATE OR REPLACE FUNCTION audit.on_logoff_inferred()
    RETURNS event_trigger
    LANGUAGE plpgsql
    -- security: definer. The pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    -- A client chooses these before it logs in, and they change what the text below means.
    SET standard_conforming_strings = on
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
DECLARE
    ended record;
BEGIN
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('dba') THEN
        -- « log-line-alone: exempt | audit.on_logoff_inferred | logoff
        RETURN;
    END IF;
    -- standby: skip. Nothing can be written there; the next login on the primary catches up.
    IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
        -- « log-line-alone: not written | audit.on_logoff_inferred | logoff
        RETURN;
    END IF;
    -- durability: relaxed. The login does not wait for the disk or for a synchronous standby.
    PERFORM set_config('synchronous_commit', 'off', true);
    BEGIN
        -- This session is open from here on.
        INSERT INTO audit.on_logoff_open (backend_pid, logged_on_at, login_user, application)
        VALUES (pg_backend_pid(), clock_timestamp(), session_user, current_setting('application_name'));
    -- « error-is-logged: login | audit.on_logoff_inferred | logoff
    BEGIN
        -- Sessions that have ended since; at most 20 a login, each by one login alone.
        PERFORM pg_stat_clear_snapshot();
        FOR ended IN
            DELETE FROM audit.on_logoff_open AS o
            WHERE (o.backend_pid, o.logged_on_at) IN (
                SELECT candidate.backend_pid, candidate.logged_on_at
                FROM audit.on_logoff_open AS candidate
                WHERE NOT EXISTS (
                    SELECT FROM pg_stat_get_activity(NULL) AS session
                    WHERE session.pid = candidate.backend_pid
                      AND (session.backend_start > candidate.logged_on_at) IS NOT TRUE
                )
                ORDER BY candidate.logged_on_at LIMIT 20
                FOR UPDATE SKIP LOCKED
            )
            RETURNING o.*
        LOOP
            BEGIN
                INSERT INTO audit.log (at, who, what)
                VALUES (
                    clock_timestamp(),
                    ended.login_user,
                    'inferred' || ' of ' || ended.application || ' ' || ended.backend_pid
                );
                SET CONSTRAINTS ALL IMMEDIATE;
            EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
                -- « log-line: not recorded | audit.on_logoff | logoff
                    'sqlstate', SQLSTATE,
                    'error', SQLERRM,
                    'ended', row_to_json(ended)
                );
            END;
        END LOOP;
    -- « error-is-logged: login | audit.on_logoff_inferred | logoff
-- « end-of-function: audit.on_logoff_inferred | xtrig:1:52a9dace867e1b73:audit

-- « preflight-again

-- « trigger: on_logoff | logoff, inferred | origin. It fires unless session_replication_role is replica. | login | audit.on_logoff_inferred() | O | ENABLE | xtrig:1:4648f38edebe2dcd:audit

COMMIT;
