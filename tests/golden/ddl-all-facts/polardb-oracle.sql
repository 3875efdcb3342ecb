-- Rendered by xtrig for PolarDB for PostgreSQL (compatible with Oracle) 2.0.14.15.31.0: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.
-- warning: trigger 'drops': deny after insert: the refusal takes the row back, so none of those refused is recorded [XT213]
-- warning: trigger 'commands': ddl_command_end becomes a system trigger: it does not fire for GRANT, REVOKE, COMMENT and other commands than CREATE, ALTER and DROP, and what an error in it does is not documented [XT211]

-- Trigger drops rests while its function is replaced
DROP EVENT TRIGGER IF EXISTS drops;

-- Function public.drops
CREATE OR REPLACE FUNCTION public.drops()
    RETURNS event_trigger
    LANGUAGE plpgsql
    -- security: definer. The pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    -- A client chooses these before it logs in, and they change what the text below means.
    SET standard_conforming_strings = on
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

COMMENT ON FUNCTION public.drops() IS 'xtrig:1:925b19fd34f62151:public';

-- Trigger commands: ddl_command_end, as a system trigger
CREATE OR REPLACE TRIGGER commands
AFTER DDL ON DATABASE
BEGIN
    IF session_user <> 'dba' THEN
        INSERT INTO public.facts (a, b, c, d, e, f)
        VALUES (
            (ora_sysevent || ' ' || ora_dict_obj_type),
            LOWER(ora_dict_obj_type),
            ora_dict_obj_owner,
            CASE WHEN ora_dict_obj_owner IS NULL THEN ora_dict_obj_name ELSE ora_dict_obj_owner || '.' || ora_dict_obj_name END,
            (ora_sysevent || ' ' || ora_dict_obj_type),
            ora_sysevent
        );
    END IF;
END;

-- Trigger drops: sql_drop
CREATE EVENT TRIGGER drops ON sql_drop
    WHEN TAG IN ('DROP TABLE')
    EXECUTE FUNCTION public.drops();

COMMENT ON EVENT TRIGGER drops IS 'xtrig:1:d2f6e94ffff07ffc:public';
