-- « polardb-script: PolarDB for PostgreSQL 14
-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- « polardb-helper: audit.counter
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: audit.counter
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line-alone: not written | audit.counter | logon
        ELSE
            update audit.counters set logins = logins + 1 where who = polar_login_user;
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- « error-is-logged: login | audit.counter | logon
-- « polardb-end-of-helper: audit.counter | xtrig:1:3bfbcb1db6d6222f:audit | xtrig:1:ff2ad865f1bd409e:audit | audit

-- « polardb-trigger: counter | logon | ON after_user_logon | PROCEDURE | audit.counter | xtrig:1:7df585581cecffdc:audit
