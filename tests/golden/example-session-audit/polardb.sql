-- « polardb-script: PolarDB for PostgreSQL 14
-- « schema: audit
-- « polardb-mark-schema: audit | xtrig:1::audit
-- Table audit.users_log
CREATE TABLE IF NOT EXISTS audit.users_log (
    id bigserial,
    user_name varchar(64),
    database_name varchar(64),
    event varchar(64),
    client_ip varchar(64),
    tag varchar(64),
    instance_num integer,
    PRIMARY KEY (id)
);

-- « polardb-table-completed: audit.users_log | 'id', 'user_name', 'database_name', 'event', 'client_ip', 'tag', 'instance_num' | 7
            ADD COLUMN IF NOT EXISTS id bigserial PRIMARY KEY,
            ADD COLUMN IF NOT EXISTS user_name varchar(64),
            ADD COLUMN IF NOT EXISTS database_name varchar(64),
            ADD COLUMN IF NOT EXISTS event varchar(64),
            ADD COLUMN IF NOT EXISTS client_ip varchar(64),
            ADD COLUMN IF NOT EXISTS tag varchar(64),
            ADD COLUMN IF NOT EXISTS instance_num integer;
-- « end-if

-- « polardb-mark-table: audit.users_log | xtrig:1:dcd24aeca4244c7a:audit
-- Function audit.sample_event_trigger
CREATE OR REPLACE FUNCTION audit.sample_event_trigger RETURN event_trigger IS
    ignored text;
BEGIN
    -- security: this form has no clause for it and no SET clause; every name is qualified.
    -- « polardb-guards: 250ms
    -- « polardb-standby
        INSERT INTO audit.users_log (user_name, database_name, event, client_ip, tag, instance_num)
        VALUES (
            polar_login_user,
            polar_database_name,
            CASE tg_event WHEN 'after_user_logon' THEN 'logon' WHEN 'before_user_logoff' THEN 'logoff' ELSE tg_event END,
            polar_client_ip,
            tg_tag,
            polar_instance_num
        );
    END IF;
-- « polardb-end-of-function: audit.sample_event_trigger | xtrig:1:3066d3c674ebb214:audit

-- « polardb-trigger: login_event_trigger | logon | ON after_user_logon | PROCEDURE | audit.sample_event_trigger | xtrig:1:d8a62caf9db5b625:audit

-- « polardb-trigger: logout_event_trigger | logoff | ON before_user_logoff | PROCEDURE | audit.sample_event_trigger | xtrig:1:f2a579e13fc22b35:audit
