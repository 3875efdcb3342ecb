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
-- « polardb-helper: audit.by_hour
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: audit.by_hour
    BEGIN
        IF extract(hour FROM timezone('UTC', clock_timestamp()))::integer between 8 and 18 THEN
            -- standby: skip. A write on a standby or in a read-only session would refuse the login.
            IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
                -- « log-line: not written | audit.by_hour | logon
                    'audit.log', json_build_object(
                        'at', clock_timestamp(),
                        'who', polar_login_user,
                        'what', 'day'
                    )
                );
            ELSE
                INSERT INTO audit.log ("at", who, what)
                VALUES (clock_timestamp(), polar_login_user, 'day');
                SET CONSTRAINTS ALL IMMEDIATE;
            END IF;
        ELSE
            PERFORM set_config('app.shift', CAST('night' AS text), false);
            IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
                -- « log-line-alone: not written | audit.by_hour | logon
            ELSE
                IF polar_client_ip is null THEN
                    INSERT INTO audit.log ("at", who, what)
                    VALUES (clock_timestamp(), polar_login_user, 'night, local');
                    -- « grant-role: night_shift | polar_login_user
                END IF;
                SET CONSTRAINTS ALL IMMEDIATE;
            END IF;
        END IF;
    -- « error-is-logged: login | audit.by_hour | logon
-- « polardb-end-of-helper: audit.by_hour | xtrig:1:ec6327184d558334:audit | xtrig:1:8521ab9ecdcb3235:audit | audit

-- « polardb-trigger: by_hour | logon | ON after_user_logon | PROCEDURE | audit.by_hour | xtrig:1:ba3391ffba6db4ca:audit
