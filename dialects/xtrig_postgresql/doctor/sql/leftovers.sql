SELECT nspname::text AS schema, proname::text AS name
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = pronamespace
WHERE prorettype = 'event_trigger'::regtype
    AND (starts_with(proname::text, {candidate}) OR proname = {placeholder})
ORDER BY 1, 2
