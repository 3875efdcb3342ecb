-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text
-- warning: trigger 'drops': deny after insert: the refusal takes the row back, so none of those refused is recorded [XT213]

BEGIN ISOLATION LEVEL READ COMMITTED;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

SET LOCAL lock_timeout = '1s';

-- « preflight: 'commands', 'drops' | to_regprocedure('public.commands()'), to_regprocedure('public.drops()')
    -- « preflight-trust: ('public', 'commands'), ('public', 'drops'), ('public', 'facts') | 'public' | privilege_type = 'TRIGGER'
    -- « preflight-end
    -- commands would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'commands') THEN
        ALTER EVENT TRIGGER commands DISABLE;
    END IF;
    -- drops would fire on this script, and may deny it; it rests until the commit.
    IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'drops') THEN
        ALTER EVENT TRIGGER drops DISABLE;
-- « end-if

-- « definer: public.commands
    SET quote_all_identifiers = off
AS $xtrig$
DECLARE
    ddl_command record;
BEGIN
    -- on_error: deny. An error below stops the command.
    IF session_user <> 'dba' THEN
        FOR ddl_command IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
            INSERT INTO public.facts (a, b, c, d, e, f)
            VALUES (
                ddl_command.command_tag,
                ddl_command.object_type,
                ddl_command.schema_name,
                ddl_command.object_identity,
                tg_tag,
                tg_event
            );
        END LOOP;
    END IF;
-- « end-of-function: public.commands | xtrig:1:70e91f362cc3f238:public

-- « definer: public.drops
    SET quote_all_identifiers = off
AS $xtrig$
DECLARE
    dropped_object record;
BEGIN
    -- on_error: deny. An error below stops the command.
    FOR dropped_object IN SELECT * FROM pg_event_trigger_dropped_objects() LOOP
        IF dropped_object.object_type = 'table' THEN
            INSERT INTO public.facts (a, b, c, d)
            VALUES (
                tg_tag,
                dropped_object.object_type,
                dropped_object.schema_name,
                dropped_object.object_identity
            );
            IF dropped_object.schema_name = 'app' THEN
                RAISE EXCEPTION USING
                    MESSAGE = format('keep %s', dropped_object.object_identity),
                    ERRCODE = 'insufficient_privilege';
            END IF;
        END IF;
    END LOOP;
-- « end-of-function: public.drops | xtrig:1:1d88986c3ad60808:public

-- « preflight-again

-- « trigger: commands | ddl_command_end | origin. It fires unless session_replication_role is replica. | ddl_command_end | public.commands() | O | ENABLE | xtrig:1:931ec98bfefe1f67:public

-- Trigger drops: sql_drop
DO $xtrig$
BEGIN
    -- enable: origin. It fires unless session_replication_role is replica.
    IF NOT EXISTS (
        SELECT FROM pg_event_trigger
        WHERE evtname = 'drops' AND evtevent = 'sql_drop'
          AND evtfoid = to_regprocedure('public.drops()') AND evttags = ARRAY['DROP TABLE']
    ) THEN
        DROP EVENT TRIGGER IF EXISTS drops;
        CREATE EVENT TRIGGER drops ON sql_drop
            WHEN TAG IN ('DROP TABLE')
            EXECUTE FUNCTION public.drops();
    END IF;
    IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = 'drops') <> 'O' THEN
        ALTER EVENT TRIGGER drops ENABLE;
-- « end-if

COMMENT ON EVENT TRIGGER drops IS 'xtrig:1:96c7ebbc386a66c5:public';

COMMIT;
