-- « polardb-script: PolarDB for PostgreSQL 14
-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- Table audit.users_log
CREATE TABLE IF NOT EXISTS audit.users_log (
    id bigserial,
    user_name varchar(64),
    database_name varchar(64),
    event varchar(64),
    client_ip varchar(64),
    tag varchar(64),
    instance_num integer,
    PRIMARY KEY (id)
);

-- « polardb-table-completed: audit.users_log | 'id', 'user_name', 'database_name', 'event', 'client_ip', 'tag', 'instance_num' | 7
            ADD COLUMN IF NOT EXISTS id bigserial PRIMARY KEY,
            ADD COLUMN IF NOT EXISTS user_name varchar(64),
            ADD COLUMN IF NOT EXISTS database_name varchar(64),
            ADD COLUMN IF NOT EXISTS event varchar(64),
            ADD COLUMN IF NOT EXISTS client_ip varchar(64),
            ADD COLUMN IF NOT EXISTS tag varchar(64),
            ADD COLUMN IF NOT EXISTS instance_num integer;
-- « end-if

-- « polardb-mark-table: audit.users_log | xtrig:1:dcd24aeca4244c7a:audit
-- « polardb-helper: audit.sample_event_trigger
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: audit.sample_event_trigger
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            RAISE LOG 'xtrig %', json_build_object(
                'outcome', 'not written',
                'function', 'audit.sample_event_trigger',
                'event', CASE tg_event WHEN 'after_user_logon' THEN 'logon' WHEN 'before_user_logoff' THEN 'logoff' ELSE tg_event END,
                'login_user', session_user,
                'client_ip', host(inet_client_addr()),
                'backend_pid', pg_backend_pid(),
                'audit.users_log', json_build_object(
                    'user_name', polar_login_user,
                    'database_name', polar_database_name,
                    'event', CASE tg_event WHEN 'after_user_logon' THEN 'logon' WHEN 'before_user_logoff' THEN 'logoff' ELSE tg_event END,
                    'client_ip', polar_client_ip,
                    'tag', tg_tag,
                    'instance_num', polar_instance_num
                )
            );
        ELSE
            INSERT INTO audit.users_log (user_name, database_name, event, client_ip, tag, instance_num)
            VALUES (
                polar_login_user,
                polar_database_name,
                CASE tg_event WHEN 'after_user_logon' THEN 'logon' WHEN 'before_user_logoff' THEN 'logoff' ELSE tg_event END,
                polar_client_ip,
                tg_tag,
                polar_instance_num
            );
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- on_error: allow. The login goes on, and the error is in the server log.
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'error',
            'function', 'audit.sample_event_trigger',
            'event', CASE tg_event WHEN 'after_user_logon' THEN 'logon' WHEN 'before_user_logoff' THEN 'logoff' ELSE tg_event END,
            'login_user', session_user,
            'client_ip', host(inet_client_addr()),
            'backend_pid', pg_backend_pid(),
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
    END;
-- « polardb-end-of-helper: audit.sample_event_trigger | xtrig:1:345ab45fc7f4baec:audit | xtrig:1:99658bad897583a2:audit | audit

-- « polardb-trigger: login_event_trigger | logon | ON after_user_logon | PROCEDURE | audit.sample_event_trigger | xtrig:1:d8a62caf9db5b625:audit

-- « polardb-trigger: logout_event_trigger | logoff | ON before_user_logoff | PROCEDURE | audit.sample_event_trigger | xtrig:1:f2a579e13fc22b35:audit
