SELECT evtname::text AS name, evtevent::text AS event, evtenabled::text AS state,
    nspname::text AS schema, proname::text AS function, lanname::text AS language, prosecdef AS is_definer,
    coalesce(proconfig, ARRAY[]::text[]) AS settings,
    o.rolname::text AS owner, o.rolsuper AS owner_is_superuser,
    f.rolname::text AS function_owner, f.rolsuper AS function_owner_is_superuser,
    ARRAY(SELECT m.rolname::text FROM pg_roles AS m
        WHERE NOT f.rolsuper AND NOT m.rolsuper AND m.rolcanlogin AND pg_has_role(m.oid, f.oid, 'MEMBER')
        ORDER BY 1) AS can_replace,
    -- The guard of exempt_roles, as it is rendered.
    ARRAY(SELECT replace(exempt[1], '''''', '''')
        FROM regexp_matches(
            (regexp_match(prosrc, '-- exempt_roles: [^\n]*\n *IF session_user IN \(([^\n]*)\) THEN'))[1],
            '''((?:[^'']|'''')+)''', 'g'
        ) AS exempt
        WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = replace(exempt[1], '''''', ''''))) AS missing_exempt,
    obj_description(e.oid, 'pg_event_trigger') AS comment
FROM pg_event_trigger AS e
    JOIN pg_proc AS p ON p.oid = evtfoid
    JOIN pg_namespace AS n ON n.oid = pronamespace
    JOIN pg_language AS l ON l.oid = prolang
    JOIN pg_roles AS o ON o.oid = evtowner
    JOIN pg_roles AS f ON f.oid = proowner
ORDER BY evtname
