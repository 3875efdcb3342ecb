-- « polardb-script: PolarDB for PostgreSQL 14
-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    "at" timestamptz,
    "level" text
);

-- « polardb-table-completed: audit.log | 'at', 'level' | 2
            ADD COLUMN IF NOT EXISTS "at" timestamptz,
            ADD COLUMN IF NOT EXISTS "level" text;
-- « end-if

-- « polardb-mark-table: audit.log | xtrig:1:fd33261129bb6dc0:audit
-- « polardb-helper: audit.note
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: audit.note
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line: not written | audit.note | logon
                'audit.log', json_build_object(
                    'at', clock_timestamp(),
                    'level', polar_login_user
                )
            );
        ELSE
            INSERT INTO audit.log ("at", "level")
            VALUES (clock_timestamp(), polar_login_user);
            -- « grant-role: day_worker | polar_login_user
            IF extract(hour FROM timezone('UTC', clock_timestamp()))::integer < 7 THEN
                IF EXISTS (
                    SELECT FROM pg_auth_members AS m
                    JOIN pg_roles AS granted ON granted.oid = m.roleid
                    JOIN pg_roles AS member ON member.oid = m.member
                    WHERE granted.rolname = 'night_worker' AND member.rolname = polar_login_user
                ) THEN
                    EXECUTE format('REVOKE %I FROM %I', 'night_worker', polar_login_user);
                END IF;
            END IF;
            CREATE TEMPORARY TABLE IF NOT EXISTS scratch (x float8, "rem" integer);
            EXECUTE format('ALTER TABLE pg_temp.%I OWNER TO %I', 'scratch', polar_login_user);
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
        PERFORM set_config('app.user', CAST(polar_login_user AS text), false);
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line-alone: not written | audit.note | logon
        ELSE
            PERFORM app.count(polar_client_ip);
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
        RAISE LOG '%', format('%s from %s', polar_login_user, polar_client_ip);
        IF polar_database_name = 'shop' THEN
            IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
                -- « log-line-alone: not written | audit.note | logon
            ELSE
                UPDATE app.seen SET held = held + 1 WHERE who = polar_login_user;
                SET CONSTRAINTS ALL IMMEDIATE;
            END IF;
        ELSE
            RAISE LOG '%', 'elsewhere';
        END IF;
    -- « error-is-logged: login | audit.note | logon
-- « polardb-end-of-helper: audit.note | xtrig:1:56007453af506f76:audit | xtrig:1:9c3d8d4f1cc3c1e4:audit | audit

-- « polardb-trigger: note | logon | ON after_user_logon | PROCEDURE | audit.note | xtrig:1:125b6bcbf0810ca4:audit
