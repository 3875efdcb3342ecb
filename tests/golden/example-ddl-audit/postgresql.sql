-- « script: PostgreSQL 18
-- « preflight-usual: 'ddl_audit', 'drop_audit' | to_regprocedure('audit.ddl_audit()'), to_regprocedure('audit.drop_audit()') | ('audit', 'ddl_log')
        ('audit', 'ddl_log', 'id', 'bigint', ' IDENTITY NOT NULL PRIMARY KEY', true),
        ('audit', 'ddl_log', 'at', 'timestamptz', '', true),
        ('audit', 'ddl_log', 'user_name', 'varchar(64)', '', true),
        ('audit', 'ddl_log', 'event', 'varchar(64)', '', true),
        ('audit', 'ddl_log', 'command_tag', 'varchar(64)', '', true),
        ('audit', 'ddl_log', 'object_type', 'varchar(64)', '', true),
        ('audit', 'ddl_log', 'object_identity', 'text', '', true)
    -- « preflight-columns-compared
        ('audit', 'ddl_log', ARRAY['id', 'at', 'user_name', 'event', 'command_tag', 'object_type', 'object_identity'])
    -- « preflight-columns-gone
    -- « preflight-trust: ('audit', 'ddl_audit'), ('audit', 'ddl_log'), ('audit', 'drop_audit') | 'audit' | privilege_type = 'TRIGGER'
    -- « preflight-default-privileges: ('audit', 'ddl_log') | defaclobjtype = 'r' AND privilege_type = 'TRIGGER' | NULL
    -- « preflight-end
    -- ddl_audit would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'ddl_audit') THEN
        ALTER EVENT TRIGGER ddl_audit DISABLE;
    END IF;
    -- drop_audit would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'drop_audit') THEN
        ALTER EVENT TRIGGER drop_audit DISABLE;
-- « end-if

-- « new-schema: audit | audit
-- Table audit.ddl_log
CREATE TABLE IF NOT EXISTS audit.ddl_log (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz,
    user_name varchar(64),
    event varchar(64),
    command_tag varchar(64),
    object_type varchar(64),
    object_identity text,
    PRIMARY KEY (id)
);

-- « table-completed: audit.ddl_log | 'id', 'at', 'user_name', 'event', 'command_tag', 'object_type', 'object_identity' | 7
            ADD COLUMN IF NOT EXISTS id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            ADD COLUMN IF NOT EXISTS at timestamptz,
            ADD COLUMN IF NOT EXISTS user_name varchar(64),
            ADD COLUMN IF NOT EXISTS event varchar(64),
            ADD COLUMN IF NOT EXISTS command_tag varchar(64),
            ADD COLUMN IF NOT EXISTS object_type varchar(64),
            ADD COLUMN IF NOT EXISTS object_identity text;
-- « end-if

COMMENT ON TABLE audit.ddl_log IS 'xtrig:1:5a583a1e6de39bcd:audit';

-- « definer: audit.ddl_audit
    SET quote_all_identifiers = off
AS $xtrig$
DECLARE
    ddl_command record;
BEGIN
    -- on_error: deny. An error below stops the command.
    FOR ddl_command IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
        INSERT INTO audit.ddl_log (at, user_name, event, command_tag, object_type, object_identity)
        VALUES (
            clock_timestamp(),
            session_user,
            'ddl_command_end',
            ddl_command.command_tag,
            ddl_command.object_type,
            ddl_command.object_identity
        );
    END LOOP;
-- « end-of-function: audit.ddl_audit | xtrig:1:453f2062da03c8bf:audit

-- « definer: audit.drop_audit
    SET quote_all_identifiers = off
AS $xtrig$
DECLARE
    dropped_object record;
BEGIN
    -- on_error: deny. An error below stops the command.
    FOR dropped_object IN SELECT * FROM pg_event_trigger_dropped_objects() LOOP
        INSERT INTO audit.ddl_log (at, user_name, event, command_tag, object_type, object_identity)
        VALUES (
            clock_timestamp(),
            session_user,
            'sql_drop',
            tg_tag,
            dropped_object.object_type,
            dropped_object.object_identity
        );
    END LOOP;
-- « end-of-function: audit.drop_audit | xtrig:1:9de9bf608276b0c3:audit

-- « preflight-again

-- Trigger ddl_audit: ddl_command_end
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'ddl_audit' AND evtevent = 'ddl_command_end'
          AND evtfoid = to_regprocedure('audit.ddl_audit()') AND evttags = ARRAY['CREATE TABLE', 'ALTER TABLE', 'CREATE FUNCTION']
    ) THEN
        DROP EVENT TRIGGER IF EXISTS ddl_audit;
        CREATE EVENT TRIGGER ddl_audit ON ddl_command_end
            WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE', 'CREATE FUNCTION')
            EXECUTE FUNCTION audit.ddl_audit();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'ddl_audit') <> 'O' THEN
        ALTER EVENT TRIGGER ddl_audit ENABLE;
-- « end-if

COMMENT ON EVENT TRIGGER ddl_audit IS 'xtrig:1:2d1a3f7f01d32f0d:audit';

-- « trigger: drop_audit | sql_drop | origin. It fires unless session_replication_role is replica. | sql_drop | audit.drop_audit() | O | ENABLE | xtrig:1:fd6b2bcba1f70b86:audit

COMMIT;
