-- « polardb-script: PolarDB for PostgreSQL 14
-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    "at" timestamptz NOT NULL,
    who varchar(64),
    what text
);

-- « polardb-table-completed: audit.log | 'who', 'what' | 2
            ADD COLUMN IF NOT EXISTS who varchar(64),
            ADD COLUMN IF NOT EXISTS what text;
-- « end-if

-- « polardb-mark-table: audit.log | xtrig:1:20d4d8ec747a8e5d:audit
-- Function audit.by_hour
CREATE OR REPLACE FUNCTION audit.by_hour RETURN event_trigger IS
    ignored text;
    held integer;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- « polardb-guards: 250ms
    IF EXTRACT(HOUR FROM CURRENT_TIMESTAMP AT TIME ZONE 'UTC') between 8 and 18 THEN
        -- « polardb-standby
            INSERT INTO audit.log ("at", who, what)
            VALUES (CURRENT_TIMESTAMP, polar_login_user, 'day');
        END IF;
    ELSE
        ignored := pg_catalog.set_config('app.shift', CAST('night' AS text), false);
        IF NOT (pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on') THEN
            IF polar_client_ip is null THEN
                INSERT INTO audit.log ("at", who, what)
                VALUES (CURRENT_TIMESTAMP, polar_login_user, 'night, local');
                SELECT COUNT(*) INTO held FROM pg_catalog.pg_auth_members m
                    JOIN pg_catalog.pg_roles granted ON granted.oid = m.roleid
                    JOIN pg_catalog.pg_roles member ON member.oid = m.member
                    WHERE granted.rolname = 'night_shift' AND member.rolname = polar_login_user;
                IF held = 0 AND polar_login_user <> 'night_shift' THEN
                    EXECUTE IMMEDIATE 'GRANT night_shift TO ' || pg_catalog.quote_ident(polar_login_user);
                END IF;
            END IF;
        END IF;
    END IF;
-- « polardb-end-of-function: audit.by_hour | xtrig:1:ff987a2f876d35a8:audit

-- « polardb-trigger: by_hour | logon | ON after_user_logon | PROCEDURE | audit.by_hour | xtrig:1:ba3391ffba6db4ca:audit
