-- « script: PostgreSQL 18
-- « preflight-bare: 'on_logon' | to_regprocedure('public.on_logon()') | ('app', 'sessions'), ('public', 'on_logon') | 'app', 'public' | privilege_type = 'TRIGGER'

-- « new-schema: app | public
-- « definer: public.on_logon
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line: not written | public.on_logon | logon
                'app.sessions', json_build_object(
                    'who', session_user,
                    'since', clock_timestamp(),
                    'ok', true,
                    'weight', 1.5,
                    'note', NULL
                )
            );
        ELSE
            INSERT INTO app.sessions (who, since, ok, weight, note)
            VALUES (session_user, clock_timestamp(), true, 1.5, NULL);
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- « error-is-logged: login | public.on_logon | logon
-- « end-of-function: public.on_logon | xtrig:1:87ac46ced6682a19:public

-- « preflight-again

-- « trigger: on_logon | logon | origin. It fires unless session_replication_role is replica. | login | public.on_logon() | O | ENABLE | xtrig:1:7b184ee3ae76c5ac:public

COMMIT;
