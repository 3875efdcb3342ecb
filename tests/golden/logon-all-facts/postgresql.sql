-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text
-- warning: trigger 'everything': ${current_user}: under security: definer it is always the function's owner [XT113]

BEGIN ISOLATION LEVEL READ COMMITTED;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

SET LOCAL lock_timeout = '1s';

-- « preflight-bare: 'everything' | to_regprocedure('public.everything()') | ('public', 'everything'), ('public', 'facts') | 'public' | privilege_type = 'TRIGGER'

-- « definer: public.everything
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line: not written | public.everything | logon
                'public.facts', json_build_object(
                    'login_user_', session_user,
                    'current_user_', current_user,
                    'database_', current_database(),
                    'client_ip_', host(inet_client_addr()),
                    'client_port_', inet_client_port(),
                    'client_host_', (SELECT client_hostname FROM pg_stat_get_activity(pg_backend_pid())),
                    'application_', current_setting('application_name'),
                    'backend_pid_', pg_backend_pid(),
                    'session_id_', (SELECT format('%s.%s', to_hex(trunc(extract(epoch FROM backend_start))::bigint), to_hex(pid)) FROM pg_stat_get_activity(pg_backend_pid())),
                    'instance_', 1,
                    'server_version_', current_setting('server_version'),
                    'ssl_', (SELECT ssl FROM pg_stat_get_activity(pg_backend_pid())),
                    'event_', 'logon',
                    'native_event_', tg_event,
                    'tag_', tg_tag,
                    'now_', clock_timestamp(),
                    'hour_utc_', extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer
                )
            );
        ELSE
            INSERT INTO public.facts (login_user_, current_user_, database_, client_ip_, client_port_, client_host_, application_, backend_pid_, session_id_, instance_, server_version_, ssl_, event_, native_event_, tag_, now_, hour_utc_)
            VALUES (
                session_user,
                current_user,
                current_database(),
                host(inet_client_addr()),
                inet_client_port(),
                (SELECT client_hostname FROM pg_stat_get_activity(pg_backend_pid())),
                current_setting('application_name'),
                pg_backend_pid(),
                (SELECT format('%s.%s', to_hex(trunc(extract(epoch FROM backend_start))::bigint), to_hex(pid)) FROM pg_stat_get_activity(pg_backend_pid())),
                1,
                current_setting('server_version'),
                (SELECT ssl FROM pg_stat_get_activity(pg_backend_pid())),
                'logon',
                tg_event,
                tg_tag,
                clock_timestamp(),
                extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer
            );
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- « error-is-logged: login | public.everything | logon
-- « end-of-function: public.everything | xtrig:1:b4a6ca8ccd2368af:public

-- « preflight-again

-- « trigger: everything | logon | origin. It fires unless session_replication_role is replica. | login | public.everything() | O | ENABLE | xtrig:1:d3c56c3bd3a3c431:public

COMMIT;
