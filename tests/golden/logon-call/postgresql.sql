-- « script: PostgreSQL 18
-- « preflight: 'notify' | to_regprocedure('public.notify()')
    -- « preflight-timeouts
    -- « preflight-trust: ('app', 'on_login'), ('app', 'sync'), ('public', 'notify') | 'app', 'public' | privilege_type = 'TRIGGER' OR (privilege_type = 'CREATE' AND is_named AND name IN ('app'))
    -- « preflight-default-privileges: (NULL, NULL) | defaclobjtype = 'r' AND privilege_type = 'TRIGGER' | 'app'
    -- « preflight-end
END
$xtrig$;

-- « definer: public.notify
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line-alone: not written | public.notify | logon
        ELSE
            PERFORM app.on_login(session_user, 1, NULL, 'x');
            CALL app.sync();
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- « error-is-logged: login | public.notify | logon
-- « end-of-function: public.notify | xtrig:1:a57bfc96468d28eb:public

-- « preflight-again

-- « trigger: notify | logon | origin. It fires unless session_replication_role is replica. | login | public.notify() | O | ENABLE | xtrig:1:8426a7a4f71655de:public

COMMIT;
