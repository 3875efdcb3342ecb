-- « script: PostgreSQL 18
-- « preflight-usual: 'on_logon' | to_regprocedure('audit.on_logon()') | ('audit', 'log') | ('audit', 'log'), ('audit', 'on_logon') | 'audit'

-- « schema: audit
-- « table-log

-- « definer: audit.on_logon
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        -- standby: run. On a standby or in a read-only session a write below fails.
        INSERT INTO audit.log (at, who, what)
        VALUES (clock_timestamp(), session_user, 'logon');
        SET CONSTRAINTS ALL IMMEDIATE;
    -- « error-is-logged: login | audit.on_logon | logon
-- « end-of-function: audit.on_logon | xtrig:1:c3cee6103287ee75:audit

-- « trigger: on_logon | logon | origin. It fires unless session_replication_role is replica. | login | audit.on_logon() | O | ENABLE | xtrig:1:3a91a614d8b54681:audit

COMMIT;
