-- Rendered by xtrig for PolarDB for PostgreSQL (compatible with Oracle) 2.0.14.15.31.0: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.

-- Schema audit
CREATE SCHEMA IF NOT EXISTS audit;

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regnamespace('audit'), 'pg_namespace') IS NULL
        AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend WHERE refobjid = pg_catalog.to_regnamespace('audit'))
    THEN
        COMMENT ON SCHEMA audit IS 'xtrig:1::audit';
    END IF;
END
$xtrig$;

-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    "at" timestamptz NOT NULL,
    who varchar(64),
    what text
);

DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- Marked only if it is new: without a comment, and empty.
    IF pg_catalog.obj_description(pg_catalog.to_regclass('audit.log'), 'pg_class') IS NULL
        AND NOT EXISTS (SELECT 1 FROM audit.log)
    THEN
        COMMENT ON TABLE audit.log IS 'xtrig:1:20d4d8ec747a8e5d:audit';
    END IF;
END
$xtrig$;

-- Function audit.by_hour
CREATE OR REPLACE FUNCTION audit.by_hour RETURN event_trigger AUTHID DEFINER IS
    ignored text;
    held integer;
BEGIN
    -- security: definer. Every name is qualified: this form has no SET clause.
    -- on_error: allow. PolarDB logs an error raised here and lets the session in.
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    ignored := pg_catalog.set_config('lock_timeout', '250ms', true);
    IF EXTRACT(HOUR FROM CURRENT_TIMESTAMP AT TIME ZONE 'UTC') between 8 and 18 THEN
        -- standby: skip. Nothing can be written on a read-only node or in a read-only session.
        IF NOT (pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on') THEN
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
END;

COMMENT ON FUNCTION audit.by_hour() IS 'xtrig:1:ccb5bcd477e6d22a:audit';

DROP EVENT TRIGGER IF EXISTS by_hour;

-- Trigger by_hour: logon
CREATE EVENT TRIGGER by_hour AFTER LOGON ON DATABASE
    EXECUTE FUNCTION audit.by_hour();

COMMENT ON EVENT TRIGGER by_hour IS 'xtrig:1:c98cca49ec36261f:audit';
