-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- warning: trigger 'drops': deny after insert: the refusal takes the row back, so none of those refused is recorded [XT213]

-- Trigger commands rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS commands;

-- Trigger drops rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS drops;

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
-- « end-if

COMMENT ON FUNCTION public.commands() IS 'xtrig:1:70e91f362cc3f238:public';

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
END
$xtrig$;

COMMENT ON FUNCTION public.drops() IS 'xtrig:1:1d88986c3ad60808:public';

-- Trigger commands: ddl_command_end
CREATE EVENT TRIGGER commands ON ddl_command_end
    EXECUTE PROCEDURE public.commands();

COMMENT ON EVENT TRIGGER commands IS 'xtrig:1:29a5f833af1d4f4e:public';

-- Trigger drops: sql_drop
CREATE EVENT TRIGGER drops ON sql_drop
    WHEN TAG IN ('DROP TABLE')
    EXECUTE PROCEDURE public.drops();

COMMENT ON EVENT TRIGGER drops IS 'xtrig:1:a1a1bd5395ff56af:public';
