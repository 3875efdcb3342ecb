SELECT datname::text AS database, rolname::text AS role, coalesce(rolsuper, false) AS is_superuser,
    split_part(one, '=', 1) AS name, substr(one, strpos(one, '=') + 1) AS value
FROM pg_db_role_setting
    LEFT JOIN pg_database AS d ON d.oid = setdatabase
    LEFT JOIN pg_roles AS r ON r.oid = setrole
    CROSS JOIN unnest(setconfig) AS one
WHERE (setdatabase = 0 OR datname = current_database()) AND split_part(one, '=', 1) IN ({spreading})
ORDER BY 1, 2, 4
