-- « polardb-script: PolarDB for PostgreSQL 14
-- « polardb-helper: public.prepare
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: public.prepare
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line-alone: not written | public.prepare | logon
        ELSE
            CREATE TEMPORARY TABLE IF NOT EXISTS "Session data" (key text, value text NOT NULL, PRIMARY KEY (key));
            EXECUTE format('ALTER TABLE pg_temp.%I OWNER TO %I', 'Session data', polar_login_user);
        END IF;
    -- « error-is-logged: login | public.prepare | logon
-- « polardb-end-of-helper: public.prepare | xtrig:1:07ee34a007f122b7:public | xtrig:1:089cf51117bfc030:public | public

-- « polardb-trigger: prepare | logon | ON after_user_logon | PROCEDURE | public.prepare | xtrig:1:35651f792a261822:public
