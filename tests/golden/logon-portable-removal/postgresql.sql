-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text (removal)
-- warning: trigger 'gate': deny after insert: the refusal takes the row back, so none of those refused is recorded [XT213]

BEGIN ISOLATION LEVEL READ COMMITTED;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

SET LOCAL lock_timeout = '1s';

-- « drop-trigger: gate

-- « standby-flag

-- « drop-function: audit.gate | audit.gate()

-- Drop table audit.logons and its rows
DROP TABLE IF EXISTS audit.logons;

-- Drop schema site if it is empty
DO $xtrig$
-- « drop-empty-schema: site

-- Drop schema audit if it is empty
DO $xtrig$
-- « drop-empty-schema: audit

COMMIT;
