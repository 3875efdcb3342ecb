    RETURN NULL;
END
$xtrig$;

REVOKE ALL ON FUNCTION «function»(text, text, text, integer, text, text) FROM PUBLIC;

COMMENT ON FUNCTION «function»(text, text, text, integer, text, text) IS '«mark»';

-- Function «function»: the vendor's form, which calls it
CREATE OR REPLACE FUNCTION «function» RETURN event_trigger AUTHID DEFINER IS
    xtrig_ignored pg_catalog.text;
BEGIN
    -- Every policy is in the helper: this form has no clause for any, and the helper has no such variables.
    xtrig_ignored := «function»(
        CAST(polar_login_user AS pg_catalog.text),
        CAST(polar_database_name AS pg_catalog.text),
        CAST(polar_client_ip AS pg_catalog.text),
        CAST(polar_instance_num AS pg_catalog.int4),
        CAST(tg_event AS pg_catalog.text),
        CAST(tg_tag AS pg_catalog.text)
    );
END;

COMMENT ON FUNCTION «function»() IS '«wrapper»';

-- Who may call «function»(text, text, text, integer, text, text)
DO LANGUAGE plpgsql $xtrig$
BEGIN
    -- No page says whose rights the documented form gives a function.
    IF (
        SELECT p.prosecdef FROM pg_catalog.pg_proc AS p
        WHERE p.oid OPERATOR(pg_catalog.=) pg_catalog.to_regprocedure('«function»()')
    ) IS NOT TRUE THEN
        GRANT EXECUTE ON FUNCTION «function»(text, text, text, integer, text, text) TO PUBLIC;
        GRANT USAGE ON SCHEMA «schema» TO PUBLIC;
    END IF;
END
$xtrig$;
