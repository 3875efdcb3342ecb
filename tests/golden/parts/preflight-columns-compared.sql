) AS wanted (schema, relation, name, type, attributes, can_be_added)
    JOIN pg_namespace AS n ON nspname = wanted.schema
    JOIN pg_class AS c ON relnamespace = n.oid AND relname = wanted.relation
    LEFT JOIN pg_attribute ON attrelid = c.oid AND attname = wanted.name AND NOT attisdropped
    LEFT JOIN pg_attrdef ON adrelid = c.oid AND adnum = attnum
    LEFT JOIN pg_index ON indrelid = c.oid AND indisprimary
    CROSS JOIN LATERAL (SELECT format_type(atttypid, atttypmod), CASE
        WHEN attidentity <> '' OR pg_get_expr(adbin, adrelid) LIKE 'nextval(%' THEN ' IDENTITY'
        WHEN atthasdef OR wanted.attributes LIKE ' DEFAULT%' THEN ' DEFAULT' ELSE ''
    END || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
        || CASE WHEN attnum = ANY (indkey) THEN ' PRIMARY KEY' ELSE '' END) AS has (type, attributes)
    CROSS JOIN LATERAL (SELECT CASE
        WHEN attname IS NULL AND can_be_added
            AND NOT (wanted.attributes LIKE '% PRIMARY KEY' AND indrelid IS NOT NULL) THEN NULL
        WHEN attname IS NULL THEN 'is new, and rows that are there have no value for it; give it a default, or add it yourself'
        WHEN to_regtype(wanted.type) IS NULL THEN format('has the type %s, which does not exist; correct it, or create the type first', wanted.type)
        WHEN has.attributes <> wanted.attributes OR has.type <> format_type(to_regtype(wanted.type), to_regtypemod(wanted.type))
            THEN format('is %s, and the definition says %s; alter it yourself, or change the definition',
                has.type || has.attributes, wanted.type || wanted.attributes)
    END) AS what (is_wrong)
WHERE what.is_wrong IS NOT NULL;
IF problem IS NOT NULL THEN
    RAISE EXCEPTION '%', problem;
END IF;
SELECT format('table %I.%I: column %I must have a value, and the definition has it no more; drop it, or its NOT NULL', nspname, relname, attname)
INTO problem
FROM (VALUES
