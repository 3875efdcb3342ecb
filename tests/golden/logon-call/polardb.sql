-- « polardb-script: PolarDB for PostgreSQL 14
-- Function public.notify
CREATE OR REPLACE FUNCTION public.notify RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- « polardb-guards: 250ms
    -- « polardb-standby
        ignored := app.on_login(polar_login_user, 1, NULL, 'x');
        app.sync();
    END IF;
-- « polardb-end-of-function: public.notify | xtrig:1:ef6bf0748fb103b5:public

-- « polardb-trigger: notify | logon | ON after_user_logon | PROCEDURE | public.notify | xtrig:1:f9a0ef4409f07339:public
