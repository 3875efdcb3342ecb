-- Rendered by xtrig for «target»: change the definition, not this text

BEGIN ISOLATION LEVEL READ COMMITTED;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

SET LOCAL lock_timeout = '1s';

