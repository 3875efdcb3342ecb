-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text (removal)

BEGIN ISOLATION LEVEL READ COMMITTED;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

SET LOCAL lock_timeout = '1s';

-- « drop-trigger: on_logon

-- « standby-flag

-- « drop-trigger: watch

-- « drop-function: audit.watch | audit.watch()

-- « drop-function: audit.on_logon | audit.on_logon()

-- Drop schema audit if it is empty
DO $xtrig$
-- « drop-empty-schema: audit

COMMIT;
