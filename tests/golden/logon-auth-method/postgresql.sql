-- « script: PostgreSQL 18
-- « preflight-bare: 'how' | to_regprocedure('public.how()') | ('public', 'facts'), ('public', 'how') | 'public' | privilege_type = 'TRIGGER'

-- « definer: public.how
    -- No client makes this wait for him by asking for debug messages and reading none of them.
    SET client_min_messages = notice
    -- « bounds: 250ms | 5s
AS $xtrig$
BEGIN
    BEGIN
        -- standby: skip. A write on a standby or in a read-only session would refuse the login.
        IF pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean THEN
            -- « log-line: not written | public.how | logon
                'public.facts', json_build_object(
                    'how', split_part(system_user, ':', 1)
                )
            );
        ELSE
            INSERT INTO public.facts (how)
            VALUES (split_part(system_user, ':', 1));
            SET CONSTRAINTS ALL IMMEDIATE;
        END IF;
    -- « error-is-logged: login | public.how | logon
-- « end-of-function: public.how | xtrig:1:7f754ede758bf298:public

-- « preflight-again

-- « trigger: how | logon | origin. It fires unless session_replication_role is replica. | login | public.how() | O | ENABLE | xtrig:1:32dc301e2531d21c:public

COMMIT;
