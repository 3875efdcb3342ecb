-- « polardb-script: PolarDB for PostgreSQL 14
-- « schema: app
-- « polardb-mark-schema: app | xtrig:1::public
-- « polardb-helper: public.on_logon
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: public.on_logon
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line: not written | public.on_logon | logon
                'app.sessions', json_build_object(
                    'who', polar_login_user,
                    'since', clock_timestamp(),
                    'ok', true,
                    'weight', 1.5,
                    'note', NULL
                )
            );
        ELSE
            INSERT INTO app.sessions (who, since, ok, weight, note)
            VALUES (polar_login_user, clock_timestamp(), true, 1.5, NULL);
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- « error-is-logged: login | public.on_logon | logon
-- « polardb-end-of-helper: public.on_logon | xtrig:1:95c0055f4d27cd5b:public | xtrig:1:8c66fae9f49549a0:public | public

-- « polardb-trigger: on_logon | logon | ON after_user_logon | PROCEDURE | public.on_logon | xtrig:1:265bf3d3d0523ca4:public
