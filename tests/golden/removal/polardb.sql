-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text (removal)

-- Drop trigger watch
DROP EVENT TRIGGER IF EXISTS watch;

-- Drop trigger on_logon
DROP EVENT TRIGGER IF EXISTS on_logon;

-- Drop function audit.watch
DROP FUNCTION IF EXISTS audit.watch();

-- Drop function audit.on_logon
DROP FUNCTION IF EXISTS audit.on_logon();

-- Drop function audit.on_logon(text, text, text, integer, text, text)
DROP FUNCTION IF EXISTS audit.on_logon(text, text, text, integer, text, text);

-- Drop schema audit if it is empty
DO LANGUAGE plpgsql $xtrig$
-- « drop-empty-schema: audit
