WITH bodies AS (
    SELECT DISTINCT lower(prosrc) AS body FROM pg_event_trigger JOIN pg_proc AS p ON p.oid = evtfoid
), named AS (
    SELECT c.*, nspname, obj_description(c.oid, 'pg_class') AS comment
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'f', 'v', 'm') AND relpersistence <> 't'
        AND nspname !~ '^pg_' AND nspname <> 'information_schema'
)
SELECT nspname AS schema, relname AS name, relkind::text AS kind, comment,
    relpersistence = 'u' AS is_unlogged, reloptions IS NOT NULL AS has_options,
    EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid) AS inherits,
    (
        SELECT array_agg(pg_get_constraintdef(k.oid) ORDER BY conname) FROM pg_constraint AS k
        WHERE conrelid = c.oid AND contype NOT IN ('p', 'n')
    ) AS constraints,
    conkey <> ARRAY(SELECT unnest(conkey) ORDER BY 1) AS key_is_reordered,
    attname AS "column", format_type(atttypid, atttypmod) AS type, attnotnull AS is_needed,
    coalesce(attnum = ANY (conkey), false) AS is_key,
    attidentity::text AS identity, attgenerated <> '' AS is_generated, attcollation <> typcollation AS is_collated,
    CASE WHEN attgenerated = '' THEN pg_get_expr(adbin, adrelid) END AS default,
    EXISTS (
        SELECT FROM pg_depend AS d JOIN pg_class AS s ON s.oid = d.objid
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'
            AND d.refobjid = c.oid AND d.refobjsubid = attnum AND s.relkind = 'S'
    ) AS has_sequence
FROM named AS c
    LEFT JOIN pg_constraint AS k ON conrelid = c.oid AND contype = 'p'
    LEFT JOIN pg_attribute AS a ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_type AS t ON t.oid = atttypid
    LEFT JOIN pg_attrdef ON adrelid = c.oid AND adnum = attnum
WHERE comment LIKE {marked}
    OR EXISTS (SELECT FROM bodies WHERE strpos(body, lower(replace(relname, '"', '""'))) > 0)
ORDER BY nspname <> 'public', nspname, relname, attnum
