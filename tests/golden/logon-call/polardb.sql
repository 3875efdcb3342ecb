-- « polardb-script: PolarDB for PostgreSQL 14
-- « polardb-helper: public.notify
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: public.notify
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line-alone: not written | public.notify | logon
        ELSE
            PERFORM app.on_login(polar_login_user, 1, NULL, 'x');
            CALL app.sync();
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- « error-is-logged: login | public.notify | logon
-- « polardb-end-of-helper: public.notify | xtrig:1:3445826fe7c5b817:public | xtrig:1:7a1320c9fdffd8dd:public | public

-- « polardb-trigger: notify | logon | ON after_user_logon | PROCEDURE | public.notify | xtrig:1:f9a0ef4409f07339:public
