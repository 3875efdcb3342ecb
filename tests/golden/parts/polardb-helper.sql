-- Function «function»: what its trigger does
CREATE OR REPLACE FUNCTION «function»(
    polar_login_user pg_catalog.text,
    polar_database_name pg_catalog.text,
    polar_client_ip pg_catalog.text,
    polar_instance_num pg_catalog.int4,
    tg_event pg_catalog.text,
    tg_tag pg_catalog.text
)
    RETURNS pg_catalog.text
    LANGUAGE plpgsql
    -- security: definer. The pinned search_path keeps other people's objects out.
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    -- A client chooses these before it logs in, and they change what the text below means.
    SET standard_conforming_strings = on
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
