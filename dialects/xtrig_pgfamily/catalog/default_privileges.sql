UNION ALL SELECT format(
    'new %1$s: %2$I would have the right %3$s, and could %4$s by it; '
    'ALTER DEFAULT PRIVILEGES FOR ROLE %5$I%6$s REVOKE %3$s ON %7$s FROM %8$s',
    kind, o.rolname, string_agg(DISTINCT privilege_type, ', '), CASE
        WHEN NOT bool_or(privilege_type IN ('TRIGGER', 'CREATE')) THEN 'read or change the record'
        WHEN me.rolsuper THEN 'become superuser' ELSE format('act as %I', me.rolname) END,
    me.rolname, ' IN SCHEMA ' || quote_ident(nspname), upper(kind), coalesce(quote_ident(g.rolname), 'PUBLIC')
)
FROM me JOIN pg_default_acl ON defaclrole = me.oid LEFT JOIN pg_namespace AS n ON n.oid = defaclnamespace
    CROSS JOIN aclexplode(defaclacl) LEFT JOIN pg_roles AS g ON g.oid = grantee
    CROSS JOIN LATERAL (
        SELECT CASE defaclobjtype WHEN 'f' THEN 'functions' ELSE 'tables' END, schema
        FROM (VALUES @made@) AS t (schema, name)
        WHERE (@rights@) AND NOT EXISTS (
            SELECT FROM pg_class JOIN pg_namespace AS s ON s.oid = relnamespace WHERE (nspname, relname) = (schema, name)
        )
        UNION ALL SELECT 'schemas', schema FROM unnest(ARRAY[@closed@]::text[]) AS schema
        WHERE defaclobjtype = 'n' AND privilege_type = 'CREATE' AND to_regnamespace(quote_ident(schema)) IS NULL
    ) AS new (kind, schema)
    CROSS JOIN LATERAL (
        SELECT rolname FROM other WHERE grantee = 0 OR pg_has_role(other.oid, grantee, may)
        ORDER BY oid <> grantee, rolname LIMIT 1
    ) AS o
WHERE schema = coalesce(nspname, schema)
GROUP BY kind, o.rolname, me.rolname, me.rolsuper, nspname, g.rolname
