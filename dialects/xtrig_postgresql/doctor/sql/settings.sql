-- Sessions of xtrig switch transaction_timeout off for themselves.
SELECT name, CASE name WHEN 'transaction_timeout' THEN reset_val ELSE setting END AS value,
    CASE WHEN name <> 'transaction_timeout' OR EXISTS (
        SELECT FROM pg_db_role_setting CROSS JOIN unnest(setconfig) AS one
        WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
            AND setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))
            AND split_part(one, '=', 1) = name
    ) THEN source ELSE 'configuration file' END AS source
FROM pg_settings WHERE name IN ({settings})
