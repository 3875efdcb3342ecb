-- « polardb-script: PolarDB for PostgreSQL 14
-- « schema: app
-- « polardb-mark-schema: app | xtrig:1::public
-- Function public.on_logon
CREATE OR REPLACE FUNCTION public.on_logon RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- « polardb-guards: 250ms
    -- « polardb-standby
        INSERT INTO app.sessions (who, since, ok, weight, note)
        VALUES (polar_login_user, CURRENT_TIMESTAMP, true, 1.5, NULL);
    END IF;
-- « polardb-end-of-function: public.on_logon | xtrig:1:94aa8d254c0008fa:public

-- « polardb-trigger: on_logon | logon | ON after_user_logon | PROCEDURE | public.on_logon | xtrig:1:265bf3d3d0523ca4:public
