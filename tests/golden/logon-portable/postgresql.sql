-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text
-- warning: trigger 'gate': deny after insert: the refusal takes the row back, so none of those refused is recorded [XT213]

BEGIN ISOLATION LEVEL READ COMMITTED;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

-- « preflight-usual: 'gate' | to_regprocedure('audit.gate()') | ('audit', 'logons')
        ('audit', 'logons', 'id', 'bigint', ' IDENTITY NOT NULL PRIMARY KEY', true),
        ('audit', 'logons', 'at', 'timestamptz', '', true),
        ('audit', 'logons', 'who', 'varchar(128)', '', true),
        ('audit', 'logons', 'origin', 'varchar(200)', ' DEFAULT', true),
        ('audit', 'logons', 'encrypted', 'boolean', '', true),
        ('audit', 'logons', 'noted', 'text', '', true)
    -- « preflight-columns-compared
        ('audit', 'logons', ARRAY['id', 'at', 'who', 'origin', 'encrypted', 'noted'])
    -- « preflight-columns-gone
    -- « preflight-timeouts
    FOR problem IN
        SELECT format('role %I is exempt and does not exist: whoever creates it is let pass; create it first', wanted)
        FROM unnest(ARRAY['breakglass']) AS wanted
        WHERE to_regrole(quote_ident(wanted)) IS NULL
    LOOP
        RAISE WARNING '%', problem;
    END LOOP;
    -- « preflight-trust: ('audit', 'gate'), ('audit', 'logons'), ('site', 'allowed') | 'audit', 'site' | privilege_type = 'TRIGGER'
    -- « preflight-default-privileges: ('audit', 'logons') | defaclobjtype = 'r' AND privilege_type = 'TRIGGER' | NULL
    -- « preflight-end
END
$xtrig$;

-- « new-schema: audit | audit
-- « new-schema: site | audit
-- Table audit.logons
CREATE TABLE IF NOT EXISTS audit.logons (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz,
    who varchar(128),
    origin varchar(200) DEFAULT 'un' || 'known',
    encrypted boolean,
    noted text,
    PRIMARY KEY (id)
);

-- Table audit.logons, if an earlier definition made it
DO $xtrig$
DECLARE
    problem text;
BEGIN
    IF pg_catalog.obj_description(pg_catalog.to_regclass('audit.logons'), 'pg_class') LIKE 'xtrig:%' AND (
        pg_catalog.obj_description(pg_catalog.to_regclass('audit.logons'), 'pg_class') <> 'xtrig:1:f03b8711bf2fa202:audit
{"origin": "''un'' || ''known''"}' OR (SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass('audit.logons') AND attname IN ('id', 'at', 'who', 'origin', 'encrypted', 'noted')) < 6
    ) THEN
        EXECUTE current_setting('xtrig.untrusted') INTO problem;
        IF problem IS NOT NULL THEN
            RAISE EXCEPTION '%', problem;
        END IF;
        ALTER TABLE audit.logons
            ADD COLUMN IF NOT EXISTS id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            ADD COLUMN IF NOT EXISTS at timestamptz,
            ADD COLUMN IF NOT EXISTS who varchar(128),
            ADD COLUMN IF NOT EXISTS origin varchar(200) DEFAULT 'un' || 'known',
            ADD COLUMN IF NOT EXISTS encrypted boolean,
            ADD COLUMN IF NOT EXISTS noted text,
            ALTER COLUMN origin SET DEFAULT 'un' || 'known';
-- « end-if

COMMENT ON TABLE audit.logons IS 'xtrig:1:f03b8711bf2fa202:audit
{"origin": "''un'' || ''known''"}';

-- « definer: audit.gate
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 3s
AS $xtrig$
DECLARE
    denial text;
BEGIN
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('breakglass') THEN
        -- « log-line-alone: exempt | audit.gate | logon
        RETURN;
    END IF;
    <<guarded>>
    BEGIN
        -- An error here must not keep the denials below from being asked.
        BEGIN
            -- standby: skip. A write on a standby or in a read-only session would refuse the login.
            IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
                -- « log-line: not written | audit.gate | logon
                    'audit.logons', json_build_object(
                        'at', clock_timestamp(),
                        'who', session_user,
                        'origin', coalesce(host(inet_client_addr()), 'local') || ' to ' || coalesce(current_database(), '-'),
                        'encrypted', (SELECT ssl FROM pg_stat_get_activity(pg_backend_pid())),
                        'noted', (SELECT ssl FROM pg_stat_get_activity(pg_backend_pid()))
                    )
                );
            ELSE
                INSERT INTO audit.logons (at, who, origin, encrypted, noted)
                VALUES (
                    clock_timestamp(),
                    session_user,
                    coalesce(host(inet_client_addr()), 'local') || ' to ' || coalesce(current_database(), '-'),
                    (SELECT ssl FROM pg_stat_get_activity(pg_backend_pid())),
                    (SELECT ssl FROM pg_stat_get_activity(pg_backend_pid()))
                );
                SET CONSTRAINTS ALL IMMEDIATE;
            END IF;
        EXCEPTION WHEN OTHERS OR assert_failure THEN
            -- « log-line: error | audit.gate | logon
                'sqlstate', SQLSTATE,
                'error', SQLERRM
            );
        END;
        -- An error here must not keep the denials below from being asked.
        BEGIN
            IF lower(session_user) like 'tmp!_%' escape '!' and not extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer between 6 and 20 THEN
                denial := format('%s works by day', session_user);
                EXIT guarded;
            ELSE
                IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
                    -- « log-line-alone: not written | audit.gate | logon
                ELSE
                    IF (select count(*) from audit.logons l where l.who = session_user and l.at > clock_timestamp() - interval '1 hour') > 100 THEN
                        INSERT INTO audit.logons (who, noted)
                        VALUES (
                            session_user,
                            case when host(inet_client_addr()) is distinct from '10.0.0.1' then 'far' end
                        );
                    END IF;
                    SET CONSTRAINTS ALL IMMEDIATE;
                END IF;
            END IF;
        EXCEPTION WHEN OTHERS OR assert_failure THEN
            -- « log-line: error | audit.gate | logon
                'sqlstate', SQLSTATE,
                'error', SQLERRM
            );
        END;
        IF not exists (select 1 from site.allowed a where a.who = session_user) and session_user <> 'site_owner' THEN
            denial := format('no entry for %s; it''s shut', session_user);
            EXIT guarded;
        END IF;
    -- on_error: allow. The login goes on, and the error is in the server log.
    EXCEPTION WHEN OTHERS OR assert_failure THEN
        -- « log-line: error | audit.gate | logon
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
    END;
    IF denial IS NOT NULL THEN
        RAISE EXCEPTION USING
            MESSAGE = denial,
            ERRCODE = 'insufficient_privilege';
    END IF;
-- « end-of-function: audit.gate | xtrig:1:1aa8d2aca5ca6fc1:audit

-- « preflight-again

-- « trigger: gate | logon | origin. It fires unless session_replication_role is replica. | login | audit.gate() | O | ENABLE | xtrig:1:a1b556d25ea5da9e:audit

COMMIT;
