-- « script: PostgreSQL 18
-- « preflight: 'greet', 'silent', 'replica_only' | to_regprocedure('public.greet()'), to_regprocedure('public.silent()'), to_regprocedure('public.replica_only()')
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
            WHERE (nspname, o.name) IN (('public', 'greet'), ('public', 'replica_only'), ('public', 'silent'))
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

-- « definer: public.greet
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        PERFORM set_config('app.greeted', 'true', false);
    -- « error-is-logged: login | public.greet | logon
-- « end-of-function: public.greet | xtrig:1:8d688c0057f9cea9:public

-- « definer: public.silent
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        PERFORM set_config('app.silent', 'true', false);
    -- « error-is-logged: login | public.silent | logon
-- « end-of-function: public.silent | xtrig:1:338fc9f31d62d8e4:public

-- « definer: public.replica_only
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        PERFORM set_config('app.replica', 'true', false);
    -- « error-is-logged: login | public.replica_only | logon
-- « end-of-function: public.replica_only | xtrig:1:1995e98c6fdf8bcb:public

-- « trigger: greet | logon | always. It fires whatever session_replication_role is. | login | public.greet() | A | ENABLE ALWAYS | xtrig:1:70a8356d15cd1ab9:public

-- « trigger: silent | logon | disabled. It does not fire. | login | public.silent() | D | DISABLE | xtrig:1:c8462e32c4dbf7b8:public

-- « trigger: replica_only | logon | replica. It fires only where session_replication_role is replica. | login | public.replica_only() | R | ENABLE REPLICA | xtrig:1:5123ffeafbbbb5b0:public

-- « standby-flag

COMMIT;
