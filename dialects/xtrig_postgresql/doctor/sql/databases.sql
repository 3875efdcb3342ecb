SELECT datname::text AS name, {looks_for_triggers} AS looks_for_triggers, datname = current_database() AS is_this
FROM pg_database WHERE datallowconn ORDER BY datname <> 'postgres', datname
