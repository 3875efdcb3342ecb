-- « script: PostgreSQL 18
-- « preflight-usual: 'note' | to_regprocedure('audit.note()') | ('audit', 'log')
        ('audit', 'log', 'at', 'timestamptz', '', true),
        ('audit', 'log', 'level', 'text', '', true)
    -- « preflight-columns-compared
        ('audit', 'log', ARRAY['at', 'level'])
    -- « preflight-columns-gone
    -- « preflight-roles: 'day_worker', 'night_worker'
    -- « preflight-timeouts
    -- « preflight-trust: ('app', 'count'), ('app', 'seen'), ('audit', 'log'), ('audit', 'note') | 'app', 'audit' | privilege_type = 'TRIGGER' OR (privilege_type = 'CREATE' AND is_named AND name IN ('app'))
    -- « preflight-default-privileges: ('audit', 'log') | defaclobjtype = 'r' AND privilege_type = 'TRIGGER' | 'app'
    -- « preflight-end
END
$xtrig$;

-- « new-schema: audit | audit
-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    at timestamptz,
    level text
);

-- « table-completed: audit.log | 'at', 'level' | 2
            ADD COLUMN IF NOT EXISTS at timestamptz,
            ADD COLUMN IF NOT EXISTS level text;
-- « end-if

COMMENT ON TABLE audit.log IS 'xtrig:1:fd33261129bb6dc0:audit';

-- « definer: audit.note
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line: not written | audit.note | logon
                'audit.log', json_build_object(
                    'at', clock_timestamp(),
                    'level', session_user
                )
            );
        ELSE
            INSERT INTO audit.log (at, level)
            VALUES (clock_timestamp(), session_user);
            -- « grant-role: day_worker | session_user
            IF extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer < 7 THEN
                IF EXISTS (
                    SELECT FROM pg_auth_members AS m
                    JOIN pg_roles AS granted ON granted.oid = m.roleid
                    JOIN pg_roles AS member ON member.oid = m.member
                    WHERE granted.rolname = 'night_worker' AND member.rolname = session_user
                ) THEN
                    EXECUTE format('REVOKE %I FROM %I', 'night_worker', session_user);
                END IF;
            END IF;
            CREATE TEMPORARY TABLE IF NOT EXISTS scratch (x float8, rem integer);
            EXECUTE format('ALTER TABLE pg_temp.%I OWNER TO %I', 'scratch', session_user);
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
        PERFORM set_config('app.user', CAST(session_user AS text), false);
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line-alone: not written | audit.note | logon
        ELSE
            PERFORM app.count(host(inet_client_addr()));
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
        RAISE LOG '%', format('%s from %s', session_user, host(inet_client_addr()));
        IF current_database() = 'shop' THEN
            IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
                -- « log-line-alone: not written | audit.note | logon
            ELSE
                UPDATE app.seen SET held = held + 1 WHERE who = session_user;
                SET CONSTRAINTS ALL IMMEDIATE;
            END IF;
        ELSE
            RAISE LOG '%', 'elsewhere';
        END IF;
    -- « error-is-logged: login | audit.note | logon
-- « end-of-function: audit.note | xtrig:1:79c4a8b870abd753:audit

-- « preflight-again

-- « trigger: note | logon | origin. It fires unless session_replication_role is replica. | login | audit.note() | O | ENABLE | xtrig:1:a2686f33c4bea8b7:audit

COMMIT;
