-- « script: PostgreSQL 18
-- « preflight-bare: 'tag_session' | to_regprocedure('public.tag_session()') | ('public', 'tag_session') | 'public' | privilege_type = 'TRIGGER'

-- « definer: public.tag_session
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        PERFORM set_config('app.user', CAST(session_user AS text), false);
        PERFORM set_config('app.tries', '3', true);
        IF host(inet_client_addr()) is not null THEN
            PERFORM set_config('app.flag', 'true', false);
        END IF;
    -- « error-is-logged: login | public.tag_session | logon
-- « end-of-function: public.tag_session | xtrig:1:0e8f00ba25aee6e7:public

-- « preflight-again

-- « trigger: tag_session | logon | origin. It fires unless session_replication_role is replica. | login | public.tag_session() | O | ENABLE | xtrig:1:213228af95c892c1:public

COMMIT;
