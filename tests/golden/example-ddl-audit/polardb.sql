-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text

-- Trigger ddl_audit rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS ddl_audit;

-- Trigger drop_audit rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS drop_audit;

-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- Table audit.ddl_log
CREATE TABLE IF NOT EXISTS audit.ddl_log (
    id bigserial,
    "at" timestamptz,
    user_name varchar(64),
    event varchar(64),
    command_tag varchar(64),
    object_type varchar(64),
    object_identity text,
    PRIMARY KEY (id)
);

-- « polardb-table-completed: audit.ddl_log | 'id', 'at', 'user_name', 'event', 'command_tag', 'object_type', 'object_identity' | 7
            ADD COLUMN IF NOT EXISTS id bigserial PRIMARY KEY,
            ADD COLUMN IF NOT EXISTS "at" timestamptz,
            ADD COLUMN IF NOT EXISTS user_name varchar(64),
            ADD COLUMN IF NOT EXISTS event varchar(64),
            ADD COLUMN IF NOT EXISTS command_tag varchar(64),
            ADD COLUMN IF NOT EXISTS object_type varchar(64),
            ADD COLUMN IF NOT EXISTS object_identity text;
-- « end-if

-- « polardb-mark-table: audit.ddl_log | xtrig:1:5a583a1e6de39bcd:audit
-- « definer: audit.ddl_audit
    SET quote_all_identifiers = off
AS $xtrig$
DECLARE
    ddl_command record;
BEGIN
    -- on_error: deny. An error below stops the command.
    FOR ddl_command IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
        INSERT INTO audit.ddl_log ("at", user_name, event, command_tag, object_type, object_identity)
        VALUES (
            clock_timestamp(),
            session_user,
            'ddl_command_end',
            ddl_command.command_tag,
            ddl_command.object_type,
            ddl_command.object_identity
        );
    END LOOP;
END
$xtrig$;

COMMENT ON FUNCTION audit.ddl_audit() IS 'xtrig:1:c2085d8972fb0c48:audit';

-- « definer: audit.drop_audit
    SET quote_all_identifiers = off
AS $xtrig$
DECLARE
    dropped_object record;
BEGIN
    -- on_error: deny. An error below stops the command.
    FOR dropped_object IN SELECT * FROM pg_event_trigger_dropped_objects() LOOP
        INSERT INTO audit.ddl_log ("at", user_name, event, command_tag, object_type, object_identity)
        VALUES (
            clock_timestamp(),
            session_user,
            'sql_drop',
            tg_tag,
            dropped_object.object_type,
            dropped_object.object_identity
        );
    END LOOP;
END
$xtrig$;

COMMENT ON FUNCTION audit.drop_audit() IS 'xtrig:1:07eb307d3793c260:audit';

-- Trigger ddl_audit: ddl_command_end
CREATE EVENT TRIGGER ddl_audit ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE', 'CREATE FUNCTION')
    EXECUTE PROCEDURE audit.ddl_audit();

COMMENT ON EVENT TRIGGER ddl_audit IS 'xtrig:1:7818e3637b9e1b78:audit';

-- Trigger drop_audit: sql_drop
CREATE EVENT TRIGGER drop_audit ON sql_drop
    EXECUTE PROCEDURE audit.drop_audit();

COMMENT ON EVENT TRIGGER drop_audit IS 'xtrig:1:32bd92e9a2212107:audit';
