-- « script: PostgreSQL 18
-- « preflight-bare: 'notify' | to_regprocedure('public.notify()')

-- « definer: public.notify
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
-- « end-of-function: public.notify | xtrig:1:0fd81a8172a4e8ed:public

-- « trigger: notify | logon | origin. It fires unless session_replication_role is replica. | login | public.notify() | O | ENABLE | xtrig:1:8426a7a4f71655de:public

COMMIT;
