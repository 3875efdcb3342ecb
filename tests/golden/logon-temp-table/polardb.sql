-- « polardb-script: PolarDB for PostgreSQL 14
-- Function public.prepare
CREATE OR REPLACE FUNCTION public.prepare RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- « polardb-guards: 250ms
    -- « polardb-standby
        EXECUTE IMMEDIATE 'CREATE TEMPORARY TABLE IF NOT EXISTS "Session data" (key text, value text NOT NULL, PRIMARY KEY (key))';
        EXECUTE IMMEDIATE 'ALTER TABLE pg_temp."Session data" OWNER TO ' || pg_catalog.quote_ident(polar_login_user);
    END IF;
-- « polardb-end-of-function: public.prepare | xtrig:1:4623284702ff9406:public

-- « polardb-trigger: prepare | logon | ON after_user_logon | PROCEDURE | public.prepare | xtrig:1:35651f792a261822:public
