-- Rendered by xtrig for PolarDB for PostgreSQL 14: change the definition, not this text
-- PL/SQL holds semicolons: send each statement whole, with a client that does not cut it there.
-- PostgreSQL's psql would cut a function in pieces and run its END as a COMMIT.
-- warning: trigger 'everything': ${current_user}: under security: definer it is always the function's owner [XT113]

-- « polardb-helper: public.everything
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: public.everything
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line: not written | public.everything | logon
                'public.facts', json_build_object(
                    'login_user_', polar_login_user,
                    'current_user_', current_user,
                    'database_', polar_database_name,
                    'client_ip_', polar_client_ip,
                    'client_port_', inet_client_port(),
                    'client_host_', (SELECT client_hostname FROM pg_stat_get_activity(pg_backend_pid())),
                    'application_', current_setting('application_name'),
                    'backend_pid_', pg_backend_pid(),
                    'session_id_', (SELECT format('%s.%s', to_hex(trunc(extract(epoch FROM backend_start))::bigint), to_hex(pid)) FROM pg_stat_get_activity(pg_backend_pid())),
                    'instance_', polar_instance_num,
                    'server_version_', current_setting('server_version'),
                    'ssl_', (SELECT ssl FROM pg_stat_get_activity(pg_backend_pid())),
                    'event_', 'logon',
                    'native_event_', tg_event,
                    'tag_', tg_tag,
                    'now_', clock_timestamp(),
                    'hour_utc_', extract(hour FROM timezone('UTC', clock_timestamp()))::integer
                )
            );
        ELSE
            INSERT INTO public.facts (login_user_, current_user_, database_, client_ip_, client_port_, client_host_, application_, backend_pid_, session_id_, instance_, server_version_, ssl_, event_, native_event_, tag_, now_, hour_utc_)
            VALUES (
                polar_login_user,
                current_user,
                polar_database_name,
                polar_client_ip,
                inet_client_port(),
                (SELECT client_hostname FROM pg_stat_get_activity(pg_backend_pid())),
                current_setting('application_name'),
                pg_backend_pid(),
                (SELECT format('%s.%s', to_hex(trunc(extract(epoch FROM backend_start))::bigint), to_hex(pid)) FROM pg_stat_get_activity(pg_backend_pid())),
                polar_instance_num,
                current_setting('server_version'),
                (SELECT ssl FROM pg_stat_get_activity(pg_backend_pid())),
                'logon',
                tg_event,
                tg_tag,
                clock_timestamp(),
                extract(hour FROM timezone('UTC', clock_timestamp()))::integer
            );
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- « error-is-logged: login | public.everything | logon
-- « polardb-end-of-helper: public.everything | xtrig:1:8b9af0d66a53b5c4:public | xtrig:1:1dc3931e93e57650:public | public

-- « polardb-trigger: everything | logon | ON after_user_logon | PROCEDURE | public.everything | xtrig:1:bc6f674352f0f282:public
