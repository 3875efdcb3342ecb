-- « script: PostgreSQL 18
-- « preflight-usual: 'by_hour' | to_regprocedure('audit.by_hour()') | ('audit', 'log')
        ('audit', 'log', 'at', 'timestamptz', ' NOT NULL', false),
        ('audit', 'log', 'who', 'varchar(64)', '', true),
        ('audit', 'log', 'what', 'text', '', true)
    -- « preflight-columns-compared
        ('audit', 'log', ARRAY['at', 'who', 'what'])
    -- « preflight-columns-gone
    -- « preflight-roles: 'night_shift'
    -- « preflight-timeouts
    -- « preflight-trust: ('audit', 'by_hour'), ('audit', 'log') | 'audit' | privilege_type = 'TRIGGER'
    -- « preflight-default-privileges: ('audit', 'log') | defaclobjtype = 'r' AND privilege_type = 'TRIGGER' | NULL
    -- « preflight-end
END
$xtrig$;

-- « new-schema: audit | audit
-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    at timestamptz NOT NULL,
    who varchar(64),
    what text
);

-- « table-completed: audit.log | 'who', 'what' | 2
            ADD COLUMN IF NOT EXISTS who varchar(64),
            ADD COLUMN IF NOT EXISTS what text;
-- « end-if

COMMENT ON TABLE audit.log IS 'xtrig:1:20d4d8ec747a8e5d:audit';

-- « definer: audit.by_hour
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        IF extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer between 8 and 18 THEN
            -- standby: skip. A write on a standby or in a read-only session would refuse the login.
            IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
                -- « log-line: not written | audit.by_hour | logon
                    'audit.log', json_build_object(
                        'at', clock_timestamp(),
                        'who', session_user,
                        'what', 'day'
                    )
                );
            ELSE
                INSERT INTO audit.log (at, who, what)
                VALUES (clock_timestamp(), session_user, 'day');
                SET CONSTRAINTS ALL IMMEDIATE;
            END IF;
        ELSE
            PERFORM set_config('app.shift', CAST('night' AS text), false);
            IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
                -- « log-line-alone: not written | audit.by_hour | logon
            ELSE
                IF host(inet_client_addr()) is null THEN
                    INSERT INTO audit.log (at, who, what)
                    VALUES (clock_timestamp(), session_user, 'night, local');
                    -- « grant-role: night_shift | session_user
                END IF;
                SET CONSTRAINTS ALL IMMEDIATE;
            END IF;
        END IF;
    -- « error-is-logged: login | audit.by_hour | logon
-- « end-of-function: audit.by_hour | xtrig:1:7590b76f230c2c8d:audit

-- « preflight-again

-- « trigger: by_hour | logon | origin. It fires unless session_replication_role is replica. | login | audit.by_hour() | O | ENABLE | xtrig:1:61d5523f2c66d8e2:audit

COMMIT;
