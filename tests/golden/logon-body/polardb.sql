-- « polardb-script: PolarDB for PostgreSQL 14
-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- Function audit.hand_written
CREATE OR REPLACE FUNCTION audit.hand_written RETURN event_trigger IS
BEGIN
  audit.count(polar_login_user);
-- « polardb-end-of-function: audit.hand_written | xtrig:1:b71b0c70f5dd7053:audit

-- « polardb-trigger: hand | logon | ON after_user_logon | PROCEDURE | audit.hand_written | xtrig:1:fabe6d4cc2729574:audit
