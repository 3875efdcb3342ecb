) AS wanted (schema, relation, names)
    JOIN pg_namespace AS n ON nspname = wanted.schema
    JOIN pg_class AS c ON relnamespace = n.oid AND relname = wanted.relation
    JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped
    JOIN pg_type AS t ON t.oid = atttypid
WHERE (attnotnull OR (typnotnull AND typdefault IS NULL)) AND NOT atthasdef AND attidentity = ''
    AND attname <> ALL (names);
IF problem IS NOT NULL THEN
    RAISE EXCEPTION '%', problem;
END IF;
