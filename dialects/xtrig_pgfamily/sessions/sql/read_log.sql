DECLARE
    deadline timestamptz := clock_timestamp() + interval '30 s';
    budget bigint := greatest(max_bytes, 65536);
    directory text := current_setting('log_directory');
    zone text := current_setting('log_timezone');
    here_only text := '"dbname":' || to_json(current_database()::text) || ',';
    grace interval := make_interval(
        secs => (SELECT setting::integer + 1 FROM pg_settings WHERE name = 'authentication_timeout')
    );
    -- The times of files and of session_id are whole seconds.
    since timestamptz := (SELECT date_trunc('second', installed_at) FROM @schema@.session_state);
    -- What was in the log before is not read. The time of a file does not tell: a clock may have been set back.
    is_first boolean := NOT EXISTS (SELECT FROM @schema@.log_position);
    newest text;
    f record;
    head bytea; known record; here bigint; chunk bytea; size integer; cut integer; words text;
    lines jsonb[]; todo jsonb[]; batch jsonb[];
    n integer;
    read bigint := 0; ended integer := 0; recovered integer := 0; refused integer := 0; log_only integer := 0;
    damaged integer := 0; lost bigint := 0; unread bigint := 0;
    gap text; gone text[];
    summed numeric; refused_sum numeric := 0;
    kept_lines jsonb; live text[]; number_of jsonb; seen jsonb := '{}'; more jsonb;
    missing bigint := 0; closed bigint := 0;
BEGIN
    SELECT kept -> 'lines' INTO kept_lines FROM @schema@.session_state FOR UPDATE;  -- one reader at a time
    PERFORM pg_stat_clear_snapshot();
    live := ARRAY(
        SELECT to_hex(floor(extract(epoch FROM backend_start))::bigint) || '.' || to_hex(s.pid)
        FROM pg_stat_get_activity(NULL) AS s
    );
    number_of := coalesce(kept_lines -> 'gone', '{}') || coalesce(kept_lines -> 'last', '{}');
    SELECT name INTO newest FROM pg_ls_logdir() WHERE name ~ '[.]json$' ORDER BY modification DESC, name DESC LIMIT 1;
    SELECT array_agg(file) INTO gone FROM @schema@.log_position
    WHERE NOT coalesce(is_read, false) AND file NOT IN (SELECT name FROM pg_ls_logdir());
    IF gone IS NOT NULL THEN
        gap := format('log files were removed before they were read: %s', array_to_string(gone, ', '));
    END IF;
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
                IF NOT coalesce(known.is_read, false) THEN
                    gap := concat_ws('; ', gap, format('log file %s was written anew before it was read', f.name));
                END IF;
            END IF;
        ELSIF is_first THEN
            here := f.size;
        END IF;
        LOOP
            EXIT WHEN here >= f.size OR budget <= 0 OR clock_timestamp() > deadline;
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
            -- Each process numbers its lines, from 1. Before the number come names alone, whose quotes are escaped. A
            -- process from before the first reading, or the server itself, may begin with any number.
            SELECT missing + coalesce(sum(
                    greatest(last - first + 1 - many, 0) + greatest(first - 1 - coalesce(
                        (seen ->> id)::bigint, (number_of ->> id)::bigint,
                        CASE WHEN began <= greatest((kept_lines ->> 'since')::timestamptz, pg_postmaster_start_time())
                        THEN first - 1 ELSE 0 END
                    ), 0)
                ) FILTER (WHERE kept_lines IS NOT NULL), 0), jsonb_object_agg(id, last)
            INTO missing, more
            FROM (
                SELECT m[1] AS id, min(m[2]::bigint) AS first, max(m[2]::bigint) AS last, count(*) AS many
                FROM string_to_table(encode(chunk, 'escape'), E'\n') AS line, regexp_match(
                    left(line, 2000), '"session_id":"([0-9a-f]{1,9}[.][0-9a-f]{1,8})","line_num":([0-9]{1,9}),'
                ) AS m
                WHERE m IS NOT NULL GROUP BY m[1]
            ) AS numbered, LATERAL (
                VALUES (to_timestamp(('x' || lpad(split_part(id, '.', 1), 16, '0'))::bit(64)::bigint))
            ) AS x (began);
            seen := seen || coalesce(more, '{}');
            lines := NULL;
            -- Each line must be one that jsonb takes: json, as it is logged, may have a NUL or half a surrogate in it.
            BEGIN
                words := convert_from(chunk, getdatabaseencoding());
                -- Not LIKE for the name of the database: in it _ and % would stand for those of others.
                SELECT array_agg(line::jsonb), count(*) FILTER (WHERE line IS NULL) INTO lines, n
                FROM (
                    SELECT CASE WHEN pg_input_is_valid(line, 'jsonb') THEN line END AS line
                    FROM string_to_table(words, E'\n') AS line
                    WHERE strpos(line, here_only) > 0
                      AND (line LIKE '%"message":"disconnection: session time: %' OR line LIKE '%"message":"xtrig {%'
                        OR line LIKE '%"error_severity":"FATAL"%')
                ) AS l;
                damaged := damaged + n;
                lines := array_remove(lines, NULL);
            EXCEPTION WHEN data_exception THEN
                -- Lines of other encodings, or of a client that offers a user name of odd bytes: in that line ? is
                -- written for them.
                FOR words IN
                    SELECT line FROM string_to_table(encode(chunk, 'escape'), E'\n') AS line
                    WHERE line LIKE '%"message":"disconnection: session time: %' OR line LIKE '%"message":"xtrig {%'
                        OR line LIKE '%"error_severity":"FATAL"%'
                LOOP
                    BEGIN
                        words := convert_from(decode(words, 'escape'), getdatabaseencoding());
                    EXCEPTION WHEN data_exception THEN
                        words := replace(words, E'\\\\', E'\x01');
                        words := replace(regexp_replace(words, E'\\\\[0-7]{3}', '?', 'g'), E'\x01', E'\\');
                    END;
                    IF strpos(words, here_only) > 0 THEN
                        IF pg_input_is_valid(words, 'jsonb') THEN
                            lines := lines || words::jsonb;
                        ELSE
                            damaged := damaged + 1;
                        END IF;
                    END IF;
                END LOOP;
            END;
            CONTINUE WHEN lines IS NULL OR cardinality(lines) = 0;

            -- All lines of the chunk at once. If one cannot be taken, each by itself, and that one is counted.
            todo := ARRAY[to_jsonb(lines)];
            WHILE cardinality(todo) > 0 LOOP
                batch := ARRAY(SELECT jsonb_array_elements(todo[1]));
                todo := todo[2:];
                BEGIN
                    -- Refused: FATAL before there was a session. (ps is the process title: startup or authentication
                    -- until then.) A session that ends itself has a statement.
                    WITH fatal AS MATERIALIZED (
                        SELECT left(x.timestamp, 23)::timestamp AT TIME ZONE zone AS at, x.*
                        FROM unnest(batch) AS j, jsonb_to_record(j) AS x(
                            timestamp text, "user" text, dbname text, session_id text, remote_host text, ps text,
                            error_severity text, state_code text, message text, application_name text, statement text
                        )
                        WHERE error_severity = 'FATAL' AND ps IN ('startup', 'authentication', '')
                          AND statement IS NULL
                    ), removed AS (
                        DELETE FROM @schema@.session_inbox AS i USING fatal
                        WHERE i.session_id = fatal.session_id AND i.source = 'login trigger, by its log line'
                    ), put AS (
                        INSERT INTO @schema@.refused_login (
                            at, session_id, login_user, database_name, client_ip, application, sqlstate, message
                        )
                        SELECT at, session_id, "user", dbname, nullif(remote_host, '[local]'), application_name,
                            state_code, message
                        FROM fatal RETURNING refused_login.*
                    )
                    SELECT count(*), coalesce(sum(hashtextextended(put::text, 0)), 0) INTO n, summed FROM put;
                    refused := refused + n; refused_sum := refused_sum + summed;

                    -- Logons that could not be written (read-only session, locked table, full disk): the function's
                    -- own line. Any user can RAISE LOG such words, but not from within that function, and the server
                    -- says from where; with quote_all_identifiers, which any user may set, in quotes. What is forged
                    -- is not even parsed.
                    INSERT INTO @schema@.session_inbox (
                        login_user, client_addr, client_port, application, authn, backend_pid, started_at, session_id,
                        source
                    )
                    SELECT r.login_user, r.client_ip, r.client_port, r.application, r.authn, x.pid, r.started_at,
                        x.session_id, 'login trigger, by its log line'
                    FROM unnest(batch) AS j, jsonb_to_record(j) AS x(
                            pid integer, session_id text, error_severity text, message text, context text,
                            statement text
                        ), jsonb_to_record(CASE
                            WHEN x.message LIKE 'xtrig {%' AND x.error_severity = 'LOG' AND x.statement IS NULL
                                AND (
                                    starts_with(x.context, @logon_context@)
                                    OR starts_with(x.context, @logon_context_quoted@)
                                )
                                AND x.context ~ ' line [0-9]+ at RAISE$'
                                AND pg_input_is_valid(substr(x.message, 7), 'jsonb')
                            THEN substr(x.message, 7)::jsonb
                        END) AS r(
                            function text, outcome text, login_user name, client_ip inet, client_port integer,
                            application text, authn text, started_at timestamptz
                        )
                    WHERE r.function = @text:logon@ AND r.outcome IN ('error', 'not written')
                      AND NOT EXISTS (
                        SELECT FROM @schema@.refused_login AS e
                        WHERE e.session_id = x.session_id AND e.at >= r.started_at
                      );
                    GET DIAGNOSTICS n = ROW_COUNT; recovered := recovered + n;

                    -- Ends. The true line is written when the backend has left the list of sessions; one that a
                    -- session writes has its statement, a context or a state of its own, and its backend is there.
                    PERFORM pg_stat_clear_snapshot();
                    WITH live AS MATERIALIZED (
                        SELECT s.pid, s.backend_start FROM pg_stat_get_activity(NULL) AS s
                    ), ending AS MATERIALIZED (
                        SELECT x.pid, x.session_id, x."user", x.application_name, x.remote_host, x.remote_port,
                            to_timestamp(
                                ('x' || lpad(split_part(x.session_id, '.', 1), 16, '0'))::bit(64)::bigint
                            ) AS began, x.backend_type,
                            left(x.timestamp, 23)::timestamp AT TIME ZONE zone AS at,
                            -- Two sessions of one pid in one second have one session_id: the line before bounds the
                            -- session from below.
                            lag(left(x.timestamp, 23)::timestamp AT TIME ZONE zone)
                                OVER (PARTITION BY x.pid ORDER BY x.timestamp) AS before
                        FROM unnest(batch) AS j, jsonb_to_record(j) AS x(
                            timestamp text, "user" text, pid integer, session_id text, remote_host text,
                            remote_port text, error_severity text, state_code text, message text, context text,
                            statement text, backend_type text, application_name text
                        )
                        WHERE x.message LIKE 'disconnection: session time: %' AND x.error_severity = 'LOG'
                          AND x.context IS NULL AND x.statement IS NULL
                          AND coalesce(x.state_code, '00000') = '00000'
                          AND x.backend_type IN ('client backend', 'walsender')
                          AND x.session_id ~ '^[0-9a-f]{1,9}[.][0-9a-f]{1,8}$'
                          AND split_part(x.session_id, '.', 2) = to_hex(x.pid)
                    ), true_end AS MATERIALIZED (
                        SELECT * FROM ending
                        WHERE NOT EXISTS (
                            SELECT FROM live
                            WHERE live.pid = ending.pid AND date_trunc('second', live.backend_start) = ending.began
                              AND live.backend_start <= ending.at
                        )
                    ), matched AS (
                        UPDATE @schema@.session_inbox AS i
                        SET ended_at = greatest(ending.at, i.started_at), ended_by = 'server log',
                            session_id = ending.session_id, last_seen_at = NULL, detected_at = NULL
                        FROM true_end AS ending
                        WHERE i.backend_pid = ending.pid AND i.ended_at IS NULL
                          AND i.started_at >= greatest(ending.began, ending.before)
                          AND i.started_at < least(ending.began + grace, ending.at + '2 ms')
                        RETURNING ending.session_id
                    ), others AS (
                        -- Sessions that left no row: the trigger was off, or the commit was lost in a crash.
                        -- log_hostname puts names of hosts there, which may look like addresses.
                        INSERT INTO @schema@.session_inbox (
                            login_user, client_addr, client_port, application, backend_pid, started_at, session_id,
                            ended_at, ended_by, source
                        )
                        SELECT "user", CASE WHEN pg_input_is_valid(remote_host, 'inet') THEN remote_host::inet END,
                            CASE WHEN pg_input_is_valid(remote_port, 'integer') THEN remote_port::integer END,
                            application_name, pid, began, session_id, at, 'server log', 'server log'
                        FROM true_end AS ending
                        -- A clock that was set back makes a session seem older than the record.
                        WHERE (began >= since OR at < since)
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
                          AND NOT EXISTS (
                            SELECT FROM @schema@.session_inbox AS i WHERE i.session_id = ending.session_id
                          )
                        RETURNING 1
                    )
                    SELECT (SELECT count(*) FROM matched), (SELECT count(*) FROM others),
                        (SELECT count(*) FROM true_end WHERE backend_type = 'client backend')
                    INTO n, cut, size;
                    ended := ended + n; log_only := log_only + cut; closed := closed + size;
                EXCEPTION WHEN data_exception THEN
                    IF cardinality(batch) = 1 THEN
                        damaged := damaged + 1;
                    ELSE
                        todo := ARRAY(SELECT jsonb_build_array(line) FROM unnest(batch) AS line);
                    END IF;
                END;
            END LOOP;
        END LOOP;
        unread := unread + greatest(f.size - here, 0);
        INSERT INTO @schema@.log_position VALUES (f.name, head, here, f.name <> newest AND here >= f.size)
        ON CONFLICT (file) DO UPDATE SET head = excluded.head, done = excluded.done, is_read = excluded.is_read
            WHERE (log_position.head, log_position.done, log_position.is_read)
                IS DISTINCT FROM (excluded.head, excluded.done, excluded.is_read);
    END LOOP;
    DELETE FROM @schema@.log_position WHERE file NOT IN (SELECT name FROM pg_ls_logdir());
    IF missing > 0 THEN
        gap := concat_ws('; ', gap, format('%s lines of sessions are missing in the server log', missing));
    END IF;
    -- Whoever has left may still write a line: its number is forgotten 10 s later at the earliest.
    kept_lines := coalesce(kept_lines, jsonb_build_object('since', clock_timestamp(), 'last', '{}'::jsonb));
    IF unread = 0 AND ((kept_lines ->> 'due')::timestamptz BETWEEN deadline AND deadline + interval '10 s') IS NOT TRUE
    THEN
        more := (kept_lines -> 'last') - live;
        kept_lines := kept_lines || jsonb_build_object(
            'due', deadline + interval '10 s', 'gone', more,
            'last', (kept_lines -> 'last') - ARRAY(SELECT jsonb_object_keys(more))
        );
    END IF;
    kept_lines := kept_lines || jsonb_build_object('last', (kept_lines -> 'last') || seen);
    -- Also where this is called by itself: what verify_seals() compares with.
    UPDATE @schema@.session_state SET kept = coalesce(kept, '{}') || jsonb_build_object(
        'lines', kept_lines, 'closed', coalesce((kept ->> 'closed')::bigint, 0) + closed
    ) || CASE WHEN kept ? 'refused' THEN jsonb_build_object(
        'refused', (kept ->> 'refused')::numeric + refused_sum,
        'log_position', (SELECT sum(hashtextextended(p::text, 0)) FROM @schema@.log_position AS p)
    ) ELSE '{}' END;
    RETURN jsonb_strip_nulls(jsonb_build_object(
        'bytes', read, 'ended', ended, 'recovered', recovered, 'refused', refused, 'log_only', log_only,
        'files_overwritten', lost, 'lines_damaged', damaged,
        'behind', unread > 0 AND (budget <= 0 OR clock_timestamp() > deadline), 'unread_bytes', unread,
        'gap', gap
    ));
END
