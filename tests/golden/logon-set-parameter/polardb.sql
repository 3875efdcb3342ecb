-- « polardb-script: PolarDB for PostgreSQL 14
-- « polardb-helper: public.tag_session
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: public.tag_session
    BEGIN
        PERFORM set_config('app.user', CAST(polar_login_user AS text), false);
        PERFORM set_config('app.tries', '3', true);
        IF polar_client_ip is not null THEN
            PERFORM set_config('app.flag', 'true', false);
        END IF;
    -- « error-is-logged: login | public.tag_session | logon
-- « polardb-end-of-helper: public.tag_session | xtrig:1:1af8de02b79d7e1b:public | xtrig:1:3a00294586982ee2:public | public

-- « polardb-trigger: tag_session | logon | ON after_user_logon | PROCEDURE | public.tag_session | xtrig:1:f539c175bb465b2a:public
