-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text
-- warning: function 'init_session': deny at logon: nobody is exempt, so superusers, logical replication and pg_dump can be refused too [XT218]

BEGIN;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

-- « preflight: 'init_session' | to_regprocedure('public.init_session()')
    -- « preflight-tables: ('public', 'user_login_log')
    -- « preflight-roles: 'night_worker', 'day_worker'
    -- Only what nobody can put code into who would gain rights by it; a mark in a comment proves nothing.
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
            WHERE (nspname, o.name) IN (('public', 'init_session'), ('public', 'user_login_log'))
            UNION ALL SELECT 'pg_namespace'::regclass, oid, nspname FROM pg_namespace WHERE nspname IN ('public')
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
                WHERE grantee <> owner AND (privilege_type = 'TRIGGER')
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
                CASE WHEN is_named THEN 'use one of your own' ELSE 'drop what uses it' END)
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

-- Table public.user_login_log
CREATE TABLE IF NOT EXISTS public.user_login_log (
    "user" text,
    session_start timestamptz
);

COMMENT ON TABLE public.user_login_log IS 'xtrig:1:a5db110f5646e87d:public';

-- « definer: public.init_session
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    -- on_error: deny. An error below refuses the login.
    IF extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer between 2 and 4 THEN
        RAISE EXCEPTION USING
            MESSAGE = 'Login forbidden',
            ERRCODE = 'insufficient_privilege';
    END IF;
    -- standby: skip. A write on a standby or in a read-only session would refuse the login.
    IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
        -- « log-line: not written | public.init_session | logon
            'public.user_login_log', json_build_object(
                'user', session_user,
                'session_start', clock_timestamp()
            )
        );
    ELSE
        IF extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer between 8 and 20 THEN
            IF EXISTS (
                SELECT FROM pg_auth_members AS m
                JOIN pg_roles AS granted ON granted.oid = m.roleid
                JOIN pg_roles AS member ON member.oid = m.member
                WHERE granted.rolname = 'night_worker' AND member.rolname = session_user
            ) THEN
                EXECUTE format('REVOKE %I FROM %I', 'night_worker', session_user);
            END IF;
            -- « grant-role: day_worker | session_user
        ELSE
            IF EXISTS (
                SELECT FROM pg_auth_members AS m
                JOIN pg_roles AS granted ON granted.oid = m.roleid
                JOIN pg_roles AS member ON member.oid = m.member
                WHERE granted.rolname = 'day_worker' AND member.rolname = session_user
            ) THEN
                EXECUTE format('REVOKE %I FROM %I', 'day_worker', session_user);
            END IF;
            -- « grant-role: night_worker | session_user
        END IF;
        CREATE TEMPORARY TABLE IF NOT EXISTS session_storage (x float, y integer);
        EXECUTE format('ALTER TABLE pg_temp.%I OWNER TO %I', 'session_storage', session_user);
        INSERT INTO public.user_login_log ("user", session_start)
        VALUES (session_user, clock_timestamp());
    END IF;
-- « end-of-function: public.init_session | xtrig:1:a7af2ec4a4cc8e1b:public

-- « trigger: init_session | logon | always. It fires whatever session_replication_role is. | login | public.init_session() | A | ENABLE ALWAYS | xtrig:1:6c0465d822fd5316:public

COMMIT;
