WITH wanted (name, columns, constraints, indexes, parameters) AS (
    VALUES @tables@
), record AS (
    SELECT n.oid AS schema, s.rolname AS schema_owner, s.rolsuper AS is_super, t.evtowner, r.rolname AS trigger_owner,
        r.rolsuper AS trigger_owner_is_super
    FROM pg_namespace AS n JOIN pg_roles AS s ON s.oid = nspowner
        LEFT JOIN pg_event_trigger AS t ON t.evtname = @trigger@ LEFT JOIN pg_roles AS r ON r.oid = evtowner
    WHERE nspname = @name@
), made AS MATERIALIZED (
    SELECT c.*, w.columns, w.constraints, w.indexes, w.parameters, false AS is_part
    FROM wanted AS w JOIN pg_class AS c ON relname = w.name JOIN record ON relnamespace = record.schema
    WHERE relkind IN ('r', 'p')
    UNION ALL
    SELECT c.*, w.columns, w.constraints, w.indexes, w.parameters, true
    FROM wanted AS w JOIN pg_class AS p ON relname = w.name JOIN record ON relnamespace = record.schema
        JOIN pg_inherits ON inhparent = p.oid JOIN pg_class AS c ON c.oid = inhrelid
    WHERE p.relkind = 'p'
), kept (role, oid) AS (
    SELECT r.rolname, r.oid FROM pg_roles AS r
    WHERE rolname IN (@owner_text@, @writer_text@)
       OR rolname = @reader_text@ AND shobj_description(r.oid, 'pg_authid') LIKE 'xtrig:%'
), set_by AS (
    SELECT coalesce('role ' || rolname, 'the database') AS who, split_part(line, '=', 1) AS parameter,
        substr(line, strpos(line, '=') + 1) AS value
    FROM pg_db_role_setting LEFT JOIN pg_roles AS r ON r.oid = setrole, unnest(setconfig) AS line
    WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
)
-- Tables
SELECT format('table %I.%I has %s, which xtrig did not make; drop it', @name@, relname, found) AS problem
FROM made, LATERAL (
    SELECT format('the trigger %I', tgname) FROM pg_trigger WHERE tgrelid = made.oid AND NOT tgisinternal
    UNION ALL SELECT format('the rule %I', rulename) FROM pg_rewrite WHERE ev_class = made.oid
    UNION ALL SELECT format('the policy %I', polname) FROM pg_policy WHERE polrelid = made.oid
    UNION ALL SELECT 'row level security' WHERE relrowsecurity OR relforcerowsecurity
    UNION ALL SELECT format('the constraint %I', conname) FROM pg_constraint AS k
    WHERE conrelid = made.oid AND contype NOT IN ('n', 't') AND coninhcount = 0
      AND pg_get_constraintdef(k.oid) <> ALL (made.constraints)
    UNION ALL SELECT format('the column %I', attname) FROM pg_attribute
    WHERE attrelid = made.oid AND attnum > 0 AND NOT attisdropped AND attname <> ALL (made.columns)
    UNION ALL SELECT format('a default, a generated value or a collation on column %I', attname)
    FROM pg_attribute JOIN pg_type AS y ON y.oid = atttypid
    WHERE attrelid = made.oid AND attnum > 0 AND NOT attisdropped AND attname = ANY (made.columns)
      AND (atthasdef OR attgenerated <> '' OR attidentity <> '' OR attcollation <> typcollation)
    UNION ALL SELECT format('the index %I', i.relname)
    FROM pg_index JOIN pg_class AS i ON i.oid = indexrelid
    WHERE indrelid = made.oid AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = indexrelid)
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
      AND (indisunique OR split_part(pg_get_indexdef(indexrelid), ' USING ', 2) <> ALL (made.indexes))
    UNION ALL SELECT format('the child %s', inhrelid::regclass) FROM pg_inherits JOIN pg_class AS p ON p.oid = inhrelid
    WHERE inhparent = made.oid AND (
        made.relkind <> 'p' OR p.relowner <> made.relowner OR p.relnamespace <> made.relnamespace
        OR pg_get_expr(p.relpartbound, p.oid) = 'DEFAULT'
    )
    UNION ALL SELECT format('the parent %s', inhparent::regclass) FROM pg_inherits
    WHERE inhrelid = made.oid AND NOT is_part
    UNION ALL SELECT format('the statistics %I', stxname) FROM pg_statistic_ext WHERE stxrelid = made.oid
    UNION ALL SELECT format('the foreign key %I of %s', conname, conrelid::regclass) FROM pg_constraint
    WHERE confrelid = made.oid
    UNION ALL SELECT format('the setting %s', line) FROM pg_class AS t, unnest(t.reloptions) AS line
    WHERE t.oid IN (made.oid, made.reltoastrelid) AND line <> ALL (made.parameters)
    UNION ALL SELECT 'a row type of another owner' FROM pg_type WHERE typrelid = made.oid AND typowner <> made.relowner
) AS x (found)
UNION ALL
-- Most tables of the record have no key, and what has none and is published cannot be changed.
SELECT format('publication %I takes in the record, whose rows maintain() then cannot change; leave it out', pubname)
FROM pg_publication AS p, record
WHERE puballtables OR EXISTS (SELECT FROM pg_publication_namespace WHERE pnpubid = p.oid AND pnnspid = record.schema)
   OR EXISTS (SELECT FROM pg_publication_rel JOIN made ON made.oid = prrelid WHERE prpubid = p.oid)
UNION ALL
SELECT format('table %I.%I %s', @name@, relname, found)
FROM made, LATERAL (
    SELECT 'is not permanent: a crash empties it; SET LOGGED' WHERE relpersistence <> 'p'
    UNION ALL SELECT 'has another REPLICA IDENTITY; set DEFAULT' WHERE relreplident <> 'd'
    UNION ALL SELECT format('lacks %s; add it', k) FROM unnest(made.constraints) AS k
    WHERE NOT is_part
      AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE conrelid = made.oid AND pg_get_constraintdef(c.oid) = k)
    UNION ALL SELECT format('lacks the index %s; create it', k) FROM unnest(made.indexes) AS k
    WHERE NOT is_part AND NOT EXISTS (
        SELECT FROM pg_index WHERE indrelid = made.oid AND split_part(pg_get_indexdef(indexrelid), ' USING ', 2) = k
    )
    UNION ALL SELECT format('does not keep its index %s; REINDEX', indexrelid::regclass) FROM pg_index
    WHERE indrelid = made.oid AND NOT (indisvalid AND indisready AND indislive AND relhasindex)
    UNION ALL SELECT 'has rights of others: ' || relacl::text FROM aclexplode(relacl) AS a
    WHERE is_part AND grantee <> relowner
) AS x (found)
UNION ALL
-- What extensions and the catalogs say of the objects
SELECT format('%s %s goes with the extension %I; ALTER EXTENSION, or drop what depends on it', what.type, what.identity,
    extname)
FROM record, LATERAL (
    SELECT 'pg_class'::regclass::oid, oid FROM pg_class WHERE relnamespace = record.schema
    UNION ALL SELECT 'pg_proc'::regclass, oid FROM pg_proc WHERE pronamespace = record.schema
    UNION ALL SELECT 'pg_namespace'::regclass, record.schema
    UNION ALL SELECT 'pg_event_trigger'::regclass, oid FROM pg_event_trigger WHERE evtname = @trigger@
) AS o (class, id) JOIN pg_depend ON classid = o.class AND objid = o.id JOIN pg_extension AS e ON e.oid = refobjid
CROSS JOIN LATERAL pg_identify_object(o.class, o.id, 0) AS what
WHERE refclassid = 'pg_extension'::regclass AND deptype IN ('e', 'x')
UNION ALL
SELECT format('function %s was altered in the catalog; drop and apply the definition again', p.oid::regprocedure)
FROM pg_proc AS p JOIN record ON pronamespace = record.schema
WHERE proname IN (@functions@) AND (prokind <> 'f' OR prosupport <> 0 OR protrftypes IS NOT NULL)
UNION ALL
SELECT format('view %I.%I is switched off; drop and apply the definition again', @name@, relname)
FROM pg_rewrite JOIN pg_class AS c ON c.oid = ev_class JOIN record ON relnamespace = record.schema
WHERE relkind = 'v' AND ev_enabled <> 'O'
UNION ALL
SELECT DISTINCT format('%s may %s %s; REVOKE it', coalesce(quote_ident(g.rolname), 'PUBLIC'), privilege_type,
    c.oid::regclass)
FROM pg_class AS c, LATERAL (
    SELECT * FROM aclexplode(relacl)
    UNION ALL SELECT x.* FROM pg_attribute, aclexplode(attacl) AS x WHERE attrelid = c.oid
) AS a LEFT JOIN pg_roles AS g ON g.oid = grantee
WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' AND privilege_type <> 'SELECT'
  AND grantee <> relowner AND NOT coalesce(g.rolsuper, false)
UNION ALL
-- Functions, and whatever else is in the schema
SELECT format('function %s has the name of one of xtrig''s; drop it', p.oid::regprocedure)
FROM pg_proc AS p JOIN record ON pronamespace = record.schema
WHERE proname IN (@functions@) AND format('%I(%s)', proname, oidvectortypes(proargtypes)) NOT IN (@signatures@)
UNION ALL
SELECT format('%s in the schema of the record belongs to %I; drop it, or give it to another owner', what, rolname)
FROM record, LATERAL (
    SELECT format('relation %I', relname), relowner FROM pg_class WHERE relnamespace = record.schema
    UNION ALL SELECT format('function %I', proname), proowner FROM pg_proc WHERE pronamespace = record.schema
    UNION ALL SELECT format('type %I', typname), typowner FROM pg_type
    WHERE typnamespace = record.schema AND typtype <> 'c' AND typelem = 0
    UNION ALL SELECT format('operator %s', oprname), oprowner FROM pg_operator WHERE oprnamespace = record.schema
    UNION ALL SELECT format('collation %I', collname), collowner FROM pg_collation WHERE collnamespace = record.schema
) AS x (what, owner) JOIN pg_roles AS r ON r.oid = x.owner
WHERE NOT rolsuper AND rolname NOT IN (schema_owner, coalesce(trigger_owner, ''), @owner_text@, @writer_text@)
UNION ALL
-- The schema
SELECT format('schema %I belongs to %I, who is neither superuser nor owner of the login trigger', @name@, schema_owner)
FROM record WHERE NOT is_super AND trigger_owner IS DISTINCT FROM schema_owner
UNION ALL
SELECT format('schema %I: %s may %s; REVOKE it', @name@, coalesce(g.rolname, 'PUBLIC'),
    lower(privilege_type) || CASE WHEN is_grantable THEN ', and give this on' ELSE '' END)
FROM pg_namespace AS n, aclexplode(nspacl) LEFT JOIN pg_roles AS g ON g.oid = grantee
WHERE nspname = @name@ AND grantee <> nspowner
  AND (is_grantable OR privilege_type = 'CREATE' AND g.rolname IS DISTINCT FROM @owner_text@)
UNION ALL
SELECT format('default privileges of %I give others rights on what the record gets; REVOKE them', r.rolname)
FROM pg_default_acl JOIN pg_roles AS r ON r.oid = defaclrole, record
WHERE defaclnamespace = record.schema OR defaclnamespace = 0 AND r.rolname IN (@owner_text@, @writer_text@)
UNION ALL
-- Roles
SELECT format('role %I %s', role, found)
FROM kept JOIN pg_roles AS r ON r.oid = kept.oid, LATERAL (
    SELECT 'may ' || concat_ws(', ', CASE WHEN rolcanlogin THEN 'log in' END, CASE WHEN rolsuper THEN 'do all' END,
        CASE WHEN rolcreaterole THEN 'make roles' END, CASE WHEN rolcreatedb THEN 'make databases' END,
        CASE WHEN rolreplication THEN 'replicate' END, CASE WHEN rolbypassrls THEN 'pass row security' END)
        || ', and should not; ALTER ROLE'
    WHERE rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
    UNION ALL SELECT format('is a member of %I; REVOKE it', o.rolname)
    FROM pg_auth_members AS m JOIN pg_roles AS o ON o.oid = m.roleid
    WHERE m.member = kept.oid AND NOT (o.rolname = 'pg_monitor' AND role = @owner_text@)
    UNION ALL SELECT 'is in pg_monitor without its rights; GRANT pg_monitor TO it WITH INHERIT TRUE'
    WHERE role = @owner_text@ AND pg_has_role(kept.oid, 'pg_monitor', 'MEMBER')
      AND NOT pg_has_role(kept.oid, 'pg_monitor', 'USAGE')
    UNION ALL SELECT format('can be given to others by %I; REVOKE ADMIN OPTION', o.rolname)
    FROM pg_auth_members AS m JOIN pg_roles AS o ON o.oid = m.member, record
    WHERE m.roleid = kept.oid AND m.admin_option AND NOT o.rolsuper
      AND o.rolname NOT IN (schema_owner, coalesce(trigger_owner, ''))
    UNION ALL SELECT format('has the setting %s; RESET it', setconfig::text)
    FROM pg_db_role_setting WHERE setrole = kept.oid
    UNION ALL SELECT format('may %s on database %I; REVOKE it', lower(privilege_type), datname)
    FROM pg_database, aclexplode(datacl) WHERE grantee = kept.oid
) AS x (found)
UNION ALL
SELECT format('role %I is in %I and may change what is recorded; REVOKE it, or accept it', m.rolname, p.rolname)
FROM pg_auth_members AS a JOIN pg_roles AS p ON p.oid = a.roleid JOIN pg_roles AS m ON m.oid = a.member
WHERE p.rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program', 'pg_maintain')
  AND NOT m.rolsuper
  AND m.rolname <> ALL (SELECT role FROM kept)
UNION ALL
-- Login triggers
SELECT format('login trigger %I belongs to %I, who is neither superuser nor owner of the schema', evtname, rolname)
FROM pg_event_trigger JOIN pg_roles AS r ON r.oid = evtowner, record
WHERE evtname = @trigger@ AND NOT rolsuper AND rolname <> schema_owner
UNION ALL
SELECT format('login trigger %I is none of xtrig''s; see that it leaves the record alone, or drop it', evtname)
FROM pg_event_trigger AS t
WHERE evtevent = 'login' AND evtenabled <> 'D'
  AND coalesce(obj_description(t.oid, 'pg_event_trigger'), '') NOT LIKE 'xtrig:%'
UNION ALL
-- The database
SELECT 'pg_database.dathasloginevt is off: logins look for no trigger; drop and apply the definition again'
FROM pg_database WHERE datname = current_database() AND NOT dathasloginevt
  AND EXISTS (SELECT FROM pg_event_trigger WHERE evtname = @trigger@)
UNION ALL
SELECT format('%s has %s = %s, which keeps logins from being recorded; RESET it', who, parameter, value)
FROM set_by
WHERE parameter = 'event_triggers' AND value IN ('off', 'false', 'no', '0')
   OR parameter = 'session_replication_role' AND value <> 'origin'
   OR parameter = 'log_min_messages' AND value IN ('fatal', 'panic')
   OR parameter = 'log_min_error_statement' AND value IN ('log', 'fatal', 'panic')
   OR who = 'the database' AND (
        parameter = 'default_transaction_read_only' AND value IN ('on', 'true', 'yes', '1')
        OR parameter = 'default_transaction_isolation' AND value <> 'read committed'
        OR parameter IN ('transaction_timeout', 'statement_timeout', 'log_connections', 'log_disconnections')
    )
UNION ALL
SELECT format('%I may set %s, with which he is not recorded; REVOKE it', coalesce(g.rolname, 'PUBLIC'), parname)
FROM pg_parameter_acl, aclexplode(paracl) LEFT JOIN pg_roles AS g ON g.oid = grantee
WHERE parname IN (
    'event_triggers', 'session_replication_role', 'log_min_messages', 'log_min_error_statement', 'log_connections',
    'log_disconnections', 'log_destination', 'log_directory', 'log_filename', 'log_truncate_on_rotation',
    'logging_collector', 'session_preload_libraries', 'shared_preload_libraries', 'allow_system_table_mods'
) AND NOT coalesce(g.rolsuper, false)
UNION ALL
SELECT format('function %s is not the server''s own', p.oid::regprocedure)
FROM pg_proc AS p JOIN pg_language AS l ON l.oid = prolang
WHERE pronamespace = 'pg_catalog'::regnamespace AND lanname <> 'internal' AND proname IN (
    'inet_client_addr', 'inet_client_port', 'current_setting', 'set_config', 'pg_backend_pid', 'host', 'now',
    'clock_timestamp', 'sha256', 'convert_from', 'convert_to', 'pg_read_binary_file', 'pg_stat_get_activity',
    'pg_ls_logdir', 'pg_stat_get_db_sessions', 'pg_postmaster_start_time', 'pg_current_wal_insert_lsn',
    'pg_walfile_name', 'pg_input_is_valid', 'jsonb_to_record', 'jsonb_build_object', 'json_build_object',
    'hashtextextended', 'to_timestamp', 'pg_get_expr', 'pg_has_role', 'aclexplode',
    'regexp_match', 'string_to_table', 'split_part', 'strpos', 'encode', 'decode', 'to_hex', 'system_user'
)
UNION ALL
SELECT format('%s may execute %s, which writes files of the server; REVOKE it', coalesce(quote_ident(g.rolname),
    'PUBLIC'), p.oid::regprocedure)
FROM pg_proc AS p, aclexplode(proacl) LEFT JOIN pg_roles AS g ON g.oid = grantee
WHERE pronamespace = 'pg_catalog'::regnamespace AND proname = 'lo_export' AND grantee <> proowner
  AND NOT coalesce(g.rolsuper, false)
