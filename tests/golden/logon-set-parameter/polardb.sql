-- « polardb-script: PolarDB for PostgreSQL 14
-- Function public.tag_session
CREATE OR REPLACE FUNCTION public.tag_session RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- « polardb-guards: 250ms
    ignored := pg_catalog.set_config('app.user', CAST(polar_login_user AS text), false);
    ignored := pg_catalog.set_config('app.tries', '3', true);
    IF polar_client_ip is not null THEN
        ignored := pg_catalog.set_config('app.flag', 'true', false);
    END IF;
-- « polardb-end-of-function: public.tag_session | xtrig:1:ed041075ec52cae7:public

-- « polardb-trigger: tag_session | logon | ON after_user_logon | PROCEDURE | public.tag_session | xtrig:1:f539c175bb465b2a:public
