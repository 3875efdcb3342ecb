SELECT evtname AS name, evtevent AS event, evtenabled::text AS enabled, coalesce(evttags, '{}') AS tags,
    nspname AS function_schema, proname AS function_name, lanname AS language, prosrc AS body,
    CASE WHEN lanname = 'plpgsql' THEN pg_get_functiondef(p.oid) END AS definition,
    pg_get_userbyid(evtowner)::text AS owner,
    obj_description(t.oid, 'pg_event_trigger') AS comment,
    (
        SELECT min(extname) FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = refobjid
        WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass
            AND (classid, objid) IN (('pg_event_trigger'::regclass, t.oid), ('pg_proc'::regclass, p.oid))
    ) AS extension
FROM pg_event_trigger AS t
    JOIN pg_proc AS p ON p.oid = evtfoid
    JOIN pg_namespace AS n ON n.oid = pronamespace
    JOIN pg_language AS l ON l.oid = prolang
ORDER BY evtname
