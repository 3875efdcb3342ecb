DECLARE
    budget integer := greatest(max_bytes, 65536);
    directory text := current_setting('log_directory');
    zone text := current_setting('log_timezone');
    here_only text := '"dbname":' || to_json(current_database()::text) || ',';
    grace interval := make_interval(
        secs => (SELECT setting::integer + 1 FROM pg_settings WHERE name = 'authentication_timeout')
    );
    -- The times of files and of session_id are whole seconds.
    since timestamptz := (SELECT date_trunc('second', installed_at) FROM @schema@.session_state);
    f record;
    head bytea; known record; here bigint; chunk bytea; size integer; cut integer; words text;
    lines json[];
    n integer;
    read bigint := 0; ended integer := 0; recovered integer := 0; refused integer := 0; log_only integer := 0;
    lost bigint := 0;
    behind boolean := false;
BEGIN
    PERFORM FROM @schema@.session_state FOR UPDATE;  -- one reader at a time
    FOR f IN
        SELECT name, l.size, modification FROM pg_ls_logdir() AS l WHERE name ~ '[.]json$' ORDER BY modification, name
    LOOP
        head := pg_read_binary_file(directory || '/' || f.name, 0, 256, true);
        IF head IS NULL OR length(head) = 0 THEN CONTINUE; END IF;
        SELECT * INTO known FROM @schema@.log_position WHERE file = f.name;
        here := 0;
        IF FOUND THEN
            -- A file that begins otherwise has been written anew under the old name (log_truncate_on_rotation).
            IF substring(head FOR length(known.head)) = known.head AND f.size >= known.done THEN
                here := known.done;
            ELSE
                lost := lost + 1;
            END IF;
        ELSIF f.modification < since THEN
            here := f.size;  -- of the time before the audit
        END IF;
        LOOP
            EXIT WHEN here >= f.size;
            IF budget <= 0 THEN behind := true; EXIT; END IF;
            -- Never less: a chunk without a line feed would be taken for a long line.
            chunk := pg_read_binary_file(directory || '/' || f.name, here, 1048576, true);
            size := coalesce(length(chunk), 0);
            EXIT WHEN size = 0;
            cut := size;  -- up to the last line feed: what follows is half a line
            WHILE cut > 0 AND get_byte(chunk, cut - 1) <> 10 LOOP cut := cut - 1; END LOOP;
            IF cut = 0 THEN
                EXIT WHEN size < 1048576;  -- half a line, to be finished
                cut := size;  -- a line of over 1 MB is none of ours: skipped
            END IF;
            here := here + cut; budget := budget - cut; read := read + cut;
            chunk := substring(chunk FOR cut);
            BEGIN
                words := convert_from(chunk, getdatabaseencoding());
            EXCEPTION WHEN OTHERS THEN
                -- Lines of other encodings, or of a client that offers a user name of odd bytes: those bytes become ?
                words := replace(encode(chunk, 'escape'), E'\\\\', E'\x01');
                words := replace(regexp_replace(words, E'\\\\[0-7]{3}', '?', 'g'), E'\x01', E'\\');
            END;
            -- Not LIKE for the name of the database: in it _ and % would stand for those of others.
            SELECT array_agg(line::json) INTO lines
            FROM string_to_table(words, E'\n') AS line
            WHERE (line LIKE '%"message":"disconnection: session time: %' OR line LIKE '%"message":"xtrig {%'
                OR line LIKE '%"error_severity":"FATAL"%')
              AND strpos(line, here_only) > 0
              AND line IS JSON OBJECT;
            CONTINUE WHEN lines IS NULL;

            -- Refused: FATAL before there was a session. (ps is the process title: startup or authentication until
            -- then.)
            WITH fatal AS (
                SELECT left(x.timestamp, 23)::timestamp AT TIME ZONE zone AS at, x.*
                FROM unnest(lines) AS j, json_to_record(j) AS x(
                    timestamp text, "user" text, dbname text, session_id text, remote_host text, ps text,
                    error_severity text, state_code text, message text, application_name text
                )
                WHERE error_severity = 'FATAL' AND ps IN ('startup', 'authentication', '')
            ), gone AS (
                DELETE FROM @schema@.session_inbox AS i USING fatal
                WHERE i.session_id = fatal.session_id AND i.source = 'login trigger, by its log line'
            )
            INSERT INTO @schema@.refused_login (
                at, session_id, login_user, database_name, client_ip, application, sqlstate, message
            )
            SELECT at, session_id, "user", dbname, nullif(remote_host, '[local]'), application_name, state_code, message
            FROM fatal
            WHERE at >= since;
            GET DIAGNOSTICS n = ROW_COUNT; refused := refused + n;

            -- Logons that could not be written (read-only session, locked table, full disk): the function's own line.
            -- Any user can RAISE LOG such words, but not from within that function, and the server says from where;
            -- with quote_all_identifiers, which any user may set, in quotes. What is forged is not even parsed.
            INSERT INTO @schema@.session_inbox (
                login_user, client_addr, client_port, application, authn, backend_pid, started_at, session_id, source
            )
            SELECT r.login_user, r.client_ip, r.client_port, r.application, r.authn, x.pid, r.started_at, x.session_id,
                'login trigger, by its log line'
            FROM unnest(lines) AS j, json_to_record(j) AS x(
                    pid integer, session_id text, error_severity text, message text, context text
                ), json_to_record(CASE
                    WHEN x.message LIKE 'xtrig {%' AND x.error_severity = 'LOG'
                        AND (starts_with(x.context, @logon_context@) OR starts_with(x.context, @logon_context_quoted@))
                        AND x.context ~ ' line [0-9]+ at RAISE$' AND substr(x.message, 7) IS JSON OBJECT
                    THEN substr(x.message, 7)::json
                END) AS r(
                    function text, outcome text, login_user name, client_ip inet, client_port integer,
                    application text, authn text, started_at timestamptz
                )
            WHERE r.function = @text:logon@ AND r.outcome IN ('error', 'not written') AND r.started_at >= since
              AND NOT EXISTS (
                SELECT FROM @schema@.refused_login AS e WHERE e.session_id = x.session_id AND e.at >= r.started_at
              );
            GET DIAGNOSTICS n = ROW_COUNT; recovered := recovered + n;

            -- Ends. A forged line has a context; the true one is written by the server after everything else.
            WITH ending AS MATERIALIZED (
                SELECT x.pid, x.session_id, x."user", x.application_name, x.remote_host, x.remote_port,
                    to_timestamp(('x' || lpad(split_part(x.session_id, '.', 1), 16, '0'))::bit(64)::bigint) AS began,
                    left(x.timestamp, 23)::timestamp AT TIME ZONE zone AS at,
                    -- Two sessions of one pid in one second have one session_id: the line before bounds the
                    -- session from below.
                    lag(left(x.timestamp, 23)::timestamp AT TIME ZONE zone)
                        OVER (PARTITION BY x.pid ORDER BY x.timestamp) AS before
                FROM unnest(lines) AS j, json_to_record(j) AS x(
                    timestamp text, "user" text, pid integer, session_id text, remote_host text, remote_port text,
                    error_severity text, message text, context text, application_name text
                )
                WHERE x.message LIKE 'disconnection: session time: %' AND x.error_severity = 'LOG' AND x.context IS NULL
            ), matched AS (
                UPDATE @schema@.session_inbox AS i
                SET ended_at = greatest(ending.at, i.started_at), ended_by = 'server log',
                    session_id = ending.session_id, last_seen_at = NULL, detected_at = NULL
                FROM ending
                WHERE i.backend_pid = ending.pid AND i.ended_at IS NULL
                  AND i.started_at >= greatest(ending.began, ending.before)
                  AND i.started_at < least(ending.began + grace, ending.at + '2 ms')
                RETURNING ending.session_id
            ), others AS (
                -- Sessions that left no row: the trigger was off, or the commit was lost in a crash.
                INSERT INTO @schema@.session_inbox (
                    login_user, client_addr, client_port, application, backend_pid, started_at, session_id, ended_at,
                    ended_by, source
                )
                SELECT "user", CASE WHEN remote_host ~ '^[0-9a-fA-F:.]+$' THEN remote_host::inet END,
                    remote_port::integer, application_name, pid, began, session_id, at, 'server log', 'server log'
                FROM ending
                WHERE began >= since
                  AND NOT EXISTS (SELECT FROM matched WHERE matched.session_id = ending.session_id)
                  AND NOT EXISTS (
                    SELECT FROM @schema@.refused_login AS e
                    WHERE e.session_id = ending.session_id AND e.at >= ending.began
                  )
                  AND NOT EXISTS (
                    SELECT FROM @schema@.session_log AS l
                    WHERE l.started_at >= began AND l.started_at < least(began + grace, ending.at + '2 ms')
                      AND l.backend_pid = pid
                  )
                  AND NOT EXISTS (SELECT FROM @schema@.session_inbox AS i WHERE i.session_id = ending.session_id)
                RETURNING 1
            )
            SELECT (SELECT count(*) FROM matched), (SELECT count(*) FROM others) INTO n, cut;
            ended := ended + n; log_only := log_only + cut;
        END LOOP;
        INSERT INTO @schema@.log_position VALUES (f.name, head, here)
        ON CONFLICT (file) DO UPDATE SET head = excluded.head, done = excluded.done
            WHERE (log_position.head, log_position.done) IS DISTINCT FROM (excluded.head, excluded.done);
    END LOOP;
    DELETE FROM @schema@.log_position WHERE file NOT IN (SELECT name FROM pg_ls_logdir());
    RETURN jsonb_build_object(
        'bytes', read, 'ended', ended, 'recovered', recovered, 'refused', refused, 'log_only', log_only,
        'files_overwritten', lost, 'behind', behind
    );
END
