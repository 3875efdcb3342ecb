-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text
-- warning: trigger 'off': logoff on postgresql 18: PostgreSQL has no logoff event; it is left out, as if_unsupported: skip says [XT201]

BEGIN;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

-- « preflight: 'on', 'firewall' | to_regprocedure('audit.note()'), to_regprocedure('audit.firewall()')
    -- « preflight-tables: ('audit', 'log')
    -- « preflight-timeouts
    FOR problem IN
        SELECT format('role %I is exempt and does not exist: whoever creates it is let pass; create it first', wanted)
        FROM unnest(ARRAY['dba']) AS wanted
        WHERE to_regrole(quote_ident(wanted)) IS NULL
    LOOP
        RAISE WARNING '%', problem;
    END LOOP;
    -- Nobody may own what is used, or put code into it, who would gain rights by it.
    SELECT found.problem INTO problem FROM (
        WITH RECURSIVE me AS (
            SELECT oid, rolname, rolsuper, CASE WHEN rolsuper THEN 'USAGE, SET, SET WITH ADMIN OPTION' ELSE 'USAGE, SET' END AS may
            FROM pg_roles WHERE rolname = current_user
        ), other AS (
            -- All who log in, but superusers, whoever has our rights and, if we are no superuser, owners of event triggers.
            SELECT oid, rolname FROM pg_roles AS r WHERE rolcanlogin AND NOT rolsuper AND NOT EXISTS (
                SELECT FROM (SELECT oid FROM me UNION SELECT evtowner FROM pg_event_trigger, me WHERE NOT rolsuper) AS t (oid)
                WHERE pg_has_role(r.oid, t.oid, 'USAGE, SET, SET WITH ADMIN OPTION')
            )
        ), named (classid, objid, name) AS (
            SELECT o.classid, o.objid, format('%I.%I', nspname, o.name) FROM (
                SELECT 'pg_class'::regclass::oid, oid, relnamespace, relname FROM pg_class
                UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace, proname FROM pg_proc
                UNION ALL SELECT 'pg_type'::regclass, oid, typnamespace, typname FROM pg_type
                UNION ALL SELECT 'pg_operator'::regclass, oid, oprnamespace, oprname FROM pg_operator
            ) AS o (classid, objid, namespace, name) JOIN pg_namespace AS n ON n.oid = namespace
            WHERE (nspname, o.name) IN (('app', 'count'), ('app', 'tidy'), ('audit', 'firewall'), ('audit', 'log'), ('audit', 'note'))
            UNION ALL SELECT 'pg_namespace'::regclass, oid, nspname FROM pg_namespace WHERE nspname IN ('app', 'audit')
        ), used (classid, objid, name, is_named) AS (
            SELECT classid, objid, name, true FROM named
            UNION
            -- What these depend on, and what hangs on them: triggers, rules, policies, defaults, constraints, partitions.
            SELECT f.classid, f.objid, u.name, false FROM used AS u CROSS JOIN LATERAL (
                SELECT refclassid, refobjid FROM pg_depend WHERE classid = u.classid AND objid = u.objid
                    AND NOT (classid = 'pg_constraint'::regclass AND refclassid = 'pg_class'::regclass)
                UNION ALL
                SELECT classid, objid FROM pg_depend WHERE refclassid = u.classid AND refobjid = u.objid
                    AND (deptype IN ('a', 'i', 'P', 'S') OR (classid = refclassid AND classid = 'pg_class'::regclass))
            ) AS f (classid, objid)
        ), held (classid, objid, owner, acl) AS (
            SELECT 'pg_class'::regclass, oid, relowner, relacl FROM pg_class WHERE relkind <> 't'
            UNION ALL SELECT 'pg_proc'::regclass, oid, proowner, NULL FROM pg_proc
            UNION ALL SELECT 'pg_type'::regclass, oid, typowner, NULL FROM pg_type WHERE typtype = 'd'
            UNION ALL SELECT 'pg_namespace'::regclass, oid, nspowner, nspacl FROM pg_namespace
        ), holder AS (
            SELECT classid, objid, min(name) AS name, bool_or(is_named) AS is_named, role, privilege
            FROM used JOIN held USING (classid, objid) CROSS JOIN LATERAL (
                SELECT owner, NULL UNION ALL SELECT grantee, privilege_type FROM aclexplode(acl)
                WHERE grantee <> owner AND (privilege_type = 'TRIGGER' OR (privilege_type = 'CREATE' AND is_named AND name IN ('app')))
            ) AS h (role, privilege)
            GROUP BY classid, objid, role, privilege
        )
        SELECT format('%s %s', what.type, what.identity) || CASE
            WHEN privilege IS NOT NULL THEN format(
                ': %I has the right %s, and could %s by it; REVOKE %2$s ON %4$s%5$s FROM %6$s', o.rolname, privilege, gain,
                CASE what.type WHEN 'schema' THEN 'SCHEMA ' END, what.identity, coalesce(quote_ident(r.rolname), 'PUBLIC'))
            ELSE format(
                '%s belongs to %I, %s could %s by it; %s', CASE WHEN NOT is_named THEN format(', used by %s,', h.name) END,
                r.rolname, CASE WHEN o.oid = r.oid THEN 'who' ELSE format('and %I', o.rolname) END, gain,
                CASE WHEN NOT is_named THEN 'drop what uses it' WHEN classid = 'pg_proc'::regclass
                    THEN 'drop it, or use one of your own' ELSE 'use one of your own' END)
        END AS problem
        FROM holder AS h LEFT JOIN pg_roles AS r ON r.oid = role
        CROSS JOIN (
            SELECT may, CASE WHEN rolsuper THEN 'become superuser' ELSE format('act as %I', rolname) END AS gain FROM me
        ) AS we
        CROSS JOIN LATERAL (
            SELECT oid, rolname FROM other WHERE role = 0 OR pg_has_role(other.oid, role, may)
            ORDER BY oid <> role, rolname LIMIT 1
        ) AS o
        CROSS JOIN LATERAL pg_identify_object(classid, objid, 0) AS what
    ) AS found LIMIT 1;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
END
$xtrig$;

-- « schema: audit
-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    who text,
    at timestamptz,
    event text
);

COMMENT ON TABLE audit.log IS 'xtrig:1:2d8e644070b46985:audit';

-- « definer: audit.note
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('dba') THEN
        -- « log-line-alone: exempt | audit.note | logon
        RETURN;
    END IF;
    -- durability: relaxed. The login does not wait for the disk or for a synchronous standby.
    PERFORM set_config('synchronous_commit', 'off', true);
    BEGIN
        IF 1 = 1 THEN
            PERFORM set_config('app.user', CAST(session_user AS text), true);
        END IF;
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line-alone: not written | audit.note | logon
        ELSE
            IF 'logon' = 'logon' THEN
                INSERT INTO audit.log (who, at, event)
                VALUES (session_user, clock_timestamp(), 'logon');
            END IF;
            PERFORM app.count(host(inet_client_addr()), extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer, true);
            CALL app.tidy();
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- « error-is-logged: login | audit.note | logon
-- « end-of-function: audit.note | xtrig:1:db6ab3e562c5951c:audit

-- « definer: audit.firewall
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- A bound of the user's own would make an error here, and errors let the command through.
    SET lock_timeout = 0
    -- timeout: a login is refused when it takes longer; statement_timeout does not bound it.
    SET transaction_timeout = '5s'
AS $xtrig$
DECLARE
    denial text;
BEGIN
    -- exempt_roles: nothing below can stop these roles.
    IF session_user IN ('dba') THEN
        -- « log-line-alone: exempt | audit.firewall | logon
        RETURN;
    END IF;
    <<guarded>>
    BEGIN
        IF current_setting('application_name') = 'badapp' THEN
            denial := 'not you';
            EXIT guarded;
        END IF;
    -- on_error: allow. The login goes on, and the error is in the server log.
    EXCEPTION WHEN OTHERS OR assert_failure THEN
        -- « log-line: error | audit.firewall | logon
            'sqlstate', SQLSTATE,
            'error', SQLERRM
        );
    END;
    IF denial IS NOT NULL THEN
        RAISE EXCEPTION USING
            MESSAGE = denial,
            ERRCODE = 'insufficient_privilege';
    END IF;
-- « end-of-function: audit.firewall | xtrig:1:88420188814f85a9:audit

-- Trigger on: logon
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'on' AND evtevent = 'login'
          AND evtfoid = to_regprocedure('audit.note()') AND evttags IS NULL
    ) THEN
        DROP EVENT TRIGGER IF EXISTS "on";
        CREATE EVENT TRIGGER "on" ON login
            EXECUTE FUNCTION audit.note();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'on') <> 'O' THEN
        ALTER EVENT TRIGGER "on" ENABLE;
    END IF;
END
$xtrig$;

COMMENT ON EVENT TRIGGER "on" IS 'xtrig:1:a2686f33c4bea8b7:audit';

-- « trigger: firewall | logon | origin. It fires unless session_replication_role is replica. | login | audit.firewall() | O | ENABLE | xtrig:1:9ab7cca61c57d951:audit

COMMIT;
