-- Nobody may own what is used, or put code into it, who would gain rights by it.
PERFORM set_config('xtrig.untrusted', $asked$
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
        WHERE (nspname, o.name) IN («named»)
        UNION ALL SELECT 'pg_namespace'::regclass, oid, nspname FROM pg_namespace WHERE nspname IN («schemas»)
    ), used (classid, objid, name, is_named) AS (
        SELECT classid, objid, name, true FROM named
        UNION
        -- What these depend on, and what hangs on them: triggers, rules, policies, defaults, constraints, partitions.
        SELECT f.classid, f.objid, u.name, false FROM used AS u CROSS JOIN LATERAL (
            SELECT refclassid, refobjid FROM pg_depend WHERE classid = u.classid AND objid = u.objid
                AND NOT (classid = 'pg_constraint'::regclass AND refclassid = 'pg_class'::regclass)
            UNION ALL
            SELECT classid, objid FROM pg_depend WHERE refclassid = u.classid AND refobjid = u.objid
                AND (deptype IN ('a', 'i', 'P', 'S') OR (classid = refclassid AND classid = 'pg_class'::regclass)
                    OR classid = 'pg_cast'::regclass)
        ) AS f (classid, objid)
    ), held (classid, objid, owner, acl) AS (
        -- An index and a TOAST table have the owner of their table.
        SELECT 'pg_class'::regclass, oid, relowner, relacl FROM pg_class WHERE relkind NOT IN ('i', 'I', 't')
        UNION ALL SELECT 'pg_proc'::regclass, oid, proowner, NULL FROM pg_proc
        -- Whoever owns a type makes casts to and from it. That of a composite type is in pg_class.
        UNION ALL SELECT 'pg_type'::regclass, oid, typowner, NULL FROM pg_type WHERE typtype IN ('d', 'e', 'r')
        UNION ALL SELECT 'pg_operator'::regclass, oid, oprowner, NULL FROM pg_operator
        UNION ALL SELECT 'pg_foreign_server'::regclass, oid, srvowner, NULL FROM pg_foreign_server
        UNION ALL SELECT 'pg_namespace'::regclass, oid, nspowner, nspacl FROM pg_namespace
    ), holder AS (
        SELECT classid, objid, min(name) AS name, bool_or(is_named) AS is_named, role, privilege
        FROM used JOIN held USING (classid, objid) CROSS JOIN LATERAL (
            SELECT owner, NULL UNION ALL SELECT grantee, privilege_type FROM aclexplode(acl)
            WHERE grantee <> owner AND («granted»)
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
