-- « script: PostgreSQL 18
-- « preflight-usual: 'login_event_trigger', 'logout_event_trigger' | to_regprocedure('audit.sample_event_trigger()'), to_regprocedure('audit.logout_event_trigger_inferred()') | ('audit', 'users_log'), ('audit', 'logout_event_trigger_open')
        ('audit', 'users_log', 'id', 'bigint', ' IDENTITY NOT NULL PRIMARY KEY', true),
        ('audit', 'users_log', 'user_name', 'varchar(64)', '', true),
        ('audit', 'users_log', 'database_name', 'varchar(64)', '', true),
        ('audit', 'users_log', 'event', 'varchar(64)', '', true),
        ('audit', 'users_log', 'client_ip', 'varchar(64)', '', true),
        ('audit', 'users_log', 'tag', 'varchar(64)', '', true),
        ('audit', 'users_log', 'instance_num', 'integer', '', true)
    -- « preflight-columns-compared
        ('audit', 'users_log', ARRAY['id', 'user_name', 'database_name', 'event', 'client_ip', 'tag', 'instance_num'])
    -- « preflight-columns-gone
    -- « preflight-timeouts
    -- « preflight-trust: ('audit', 'logout_event_trigger_inferred'), ('audit', 'logout_event_trigger_open'), ('audit', 'sample_event_trigger'), ('audit', 'users_log') | 'audit' | privilege_type = 'TRIGGER'
    -- « preflight-default-privileges: ('audit', 'logout_event_trigger_open'), ('audit', 'users_log') | defaclobjtype = 'r' AND privilege_type = 'TRIGGER' | NULL
    -- « preflight-end
END
$xtrig$;

-- « new-schema: audit | audit
-- Table audit.users_log
CREATE TABLE IF NOT EXISTS audit.users_log (
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_name varchar(64),
    database_name varchar(64),
    event varchar(64),
    client_ip varchar(64),
    tag varchar(64),
    instance_num integer,
    PRIMARY KEY (id)
);

-- « table-completed: audit.users_log | 'id', 'user_name', 'database_name', 'event', 'client_ip', 'tag', 'instance_num' | 7
            ADD COLUMN IF NOT EXISTS id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            ADD COLUMN IF NOT EXISTS user_name varchar(64),
            ADD COLUMN IF NOT EXISTS database_name varchar(64),
            ADD COLUMN IF NOT EXISTS event varchar(64),
            ADD COLUMN IF NOT EXISTS client_ip varchar(64),
            ADD COLUMN IF NOT EXISTS tag varchar(64),
            ADD COLUMN IF NOT EXISTS instance_num integer;
-- « end-if

COMMENT ON TABLE audit.users_log IS 'xtrig:1:dcd24aeca4244c7a:audit';

-- « definer: audit.sample_event_trigger
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line: not written | audit.sample_event_trigger | logon
                'audit.users_log', json_build_object(
                    'user_name', session_user,
                    'database_name', current_database(),
                    'event', 'logon',
                    'client_ip', host(inet_client_addr()),
                    'tag', tg_tag,
                    'instance_num', 1
                )
            );
        ELSE
            INSERT INTO audit.users_log (user_name, database_name, event, client_ip, tag, instance_num)
            VALUES (session_user, current_database(), 'logon', host(inet_client_addr()), tg_tag, 1);
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- « error-is-logged: login | audit.sample_event_trigger | logon
-- « end-of-function: audit.sample_event_trigger | xtrig:1:22c152a5fb129b16:audit

-- Open sessions, for the inferred logoff of trigger logout_event_trigger
CREATE TABLE IF NOT EXISTS audit.logout_event_trigger_open (
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

COMMENT ON TABLE audit.logout_event_trigger_open IS 'xtrig:1:eff3be2d33e22504:audit';

-- Function audit.logout_event_trigger_inferred: an inferred logoff
CREATE OR REPLACE FUNCTION audit.logout_event_trigger_inferred()
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
    -- standby: skip. Nothing can be written there; the next login on the primary catches up.
    IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
        -- « log-line-alone: not written | audit.logout_event_trigger_inferred | logoff
        RETURN;
    END IF;
    BEGIN
        -- This session is open from here on.
        INSERT INTO audit.logout_event_trigger_open (backend_pid, logged_on_at, login_user, client_ip)
        VALUES (pg_backend_pid(), clock_timestamp(), session_user, host(inet_client_addr()));
    -- « error-is-logged: login | audit.logout_event_trigger_inferred | logoff
    BEGIN
        -- Sessions that have ended since; at most 20 a login, each by one login alone.
        PERFORM pg_stat_clear_snapshot();
        FOR ended IN
            DELETE FROM audit.logout_event_trigger_open AS o
            WHERE (o.backend_pid, o.logged_on_at) IN (
                SELECT candidate.backend_pid, candidate.logged_on_at
                FROM audit.logout_event_trigger_open AS candidate
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
                INSERT INTO audit.users_log (user_name, database_name, event, client_ip, tag, instance_num)
                VALUES (ended.login_user, current_database(), 'logoff', ended.client_ip, 'INFERRED', 1);
                SET CONSTRAINTS ALL IMMEDIATE;
            EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
                -- « log-line: not recorded | audit.sample_event_trigger | logoff
                    'sqlstate', SQLSTATE,
                    'error', SQLERRM,
                    'ended', row_to_json(ended)
                );
            END;
        END LOOP;
    -- « error-is-logged: login | audit.logout_event_trigger_inferred | logoff
-- « end-of-function: audit.logout_event_trigger_inferred | xtrig:1:2c278063523e73dd:audit

-- « preflight-again

-- « trigger: login_event_trigger | logon | origin. It fires unless session_replication_role is replica. | login | audit.sample_event_trigger() | O | ENABLE | xtrig:1:d13ad73f89af0e7c:audit

-- « trigger: logout_event_trigger | logoff, inferred | origin. It fires unless session_replication_role is replica. | login | audit.logout_event_trigger_inferred() | O | ENABLE | xtrig:1:54ebc713d503e654:audit

COMMIT;
