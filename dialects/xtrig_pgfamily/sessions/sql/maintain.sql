DECLARE
    settle interval := '5 s';
    said jsonb := '{}';
    behind boolean := false;
    begins timestamptz; ends timestamptz; part text; old record;
    moved bigint; text_of_rows text; last_seal record; put_at timestamptz; dropped text;
    why text; covered_until timestamptz;
    jumped_at timestamptz; dropped_sum numeric := 0; gap text; is_jump boolean := false; next timestamptz;
    past timestamptz; installed timestamptz;
    looked_at timestamptz := clock_timestamp();
    counted bigint; epoch text; least_ended bigint; most_ended bigint; closed bigint; silent bigint := 0;
    counts jsonb;
BEGIN
    SELECT (kept ->> 'jumped_at')::timestamptz, CASE WHEN kept IS NOT NULL THEN installed_at END
    INTO jumped_at, installed FROM @schema@.session_state FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN '{"busy": true}';
    END IF;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'maintain() needs read committed';
    END IF;

    -- A clock that has jumped: what is dropped by age waits for a second look, an hour later.
    SELECT max(until) INTO covered_until FROM @schema@.coverage;
    IF covered_until > clock_timestamp() + interval '1 s' THEN
        gap := format('the clock was set back: the last look was at %s', covered_until);
        UPDATE @schema@.coverage SET since = least(since, now()), until = now() WHERE until > now();
        jumped_at := now();
    ELSIF covered_until < now() - interval '1 day' THEN
        jumped_at := now();  -- or nobody has called this for a day
    END IF;
    is_jump := coalesce(jumped_at > now() - interval '1 hour', false);

    -- 1. Who is gone. Before the log is read, so that a line written before the look is found.
    said := said || jsonb_build_object('reaped', @schema@.reap(0, 4294967295, 5 * at_most));
    UPDATE @schema@.session_state SET reap_due = clock_timestamp() + interval @look_every@;

    -- 2. What the server log knows better.
    IF @use_log@ AND current_setting('log_destination') LIKE '%jsonlog%'
        AND current_setting('logging_collector')::boolean THEN
        BEGIN
            said := said || @schema@.read_log();
            behind := (said ->> 'behind')::boolean;
            gap := concat_ws('; ', gap, said ->> 'gap');
            said := said - 'gap';

            -- Each session writes a line when it ends. The server counts those of a database when they wait for their
            -- first command: what was counted, and is not there afterwards, has ended.
            PERFORM pg_stat_clear_snapshot();
            SELECT pg_stat_get_db_sessions(oid),
                concat(pg_postmaster_start_time(), ' ', pg_stat_get_db_stat_reset_time(oid))
            INTO counted, epoch FROM pg_database WHERE datname = current_database();
            SELECT counted - count(*), counted - count(*) FILTER (WHERE state ~ '^(active|idle)')
            INTO least_ended, most_ended
            FROM pg_stat_get_activity(NULL) JOIN pg_database AS d ON d.oid = datid
            WHERE datname = current_database() AND backend_type = 'client backend';
            SELECT kept -> 'counts', (kept ->> 'closed')::bigint INTO counts, closed FROM @schema@.session_state;
            IF NOT current_setting('log_disconnections')::boolean OR counts ->> 'epoch' IS DISTINCT FROM epoch
                OR (counts ->> 'due')::timestamptz > looked_at + settle THEN
                counts := NULL;
            END IF;
            IF NOT behind AND current_setting('log_disconnections')::boolean THEN
                IF (counts ->> 'due')::timestamptz < looked_at THEN
                    silent := greatest(0, (counts ->> 'must')::bigint - closed - (counts ->> 'before')::bigint);
                    counts := counts - '{must,due}'::text[];
                END IF;
                IF silent > 0 THEN
                    gap := concat_ws('; ', gap, format('the server log lacks the ends of %s sessions', silent));
                END IF;
                -- A line may be late, and is asked for by a call 5 s later. On a busy server a session that waits for
                -- its first command may not be counted yet: what was seen once is not believed.
                counts := jsonb_build_object('must', least_ended, 'due', clock_timestamp() + settle)
                    || coalesce(counts, '{}') || jsonb_build_object(
                        'epoch', epoch, 'last', most_ended - closed, 'before', silent + least(
                            (counts ->> 'before')::bigint, greatest((counts ->> 'last')::bigint, most_ended - closed)
                        )
                    );
            END IF;
        EXCEPTION WHEN OTHERS THEN
            said := said || jsonb_build_object('log_error', SQLERRM);
            gap := concat_ws('; ', gap, 'the server log could not be read: ' || SQLERRM);
            RAISE WARNING 'xtrig: the server log could not be read: %', SQLERRM;
        END;
    ELSE
        settle := '0';
    END IF;

    -- 3. Partitions ahead: made apart and attached, which needs no lock that stops readers or writers of the log.
@partitions_ahead@

    -- 4. Put away what has ended. An inferred end waits a little for its line in the server log.
    -- Each batch has a time of its own, even in one transaction: it is what the seal knows its rows by.
    SELECT * INTO last_seal FROM @schema@.seal ORDER BY n DESC LIMIT 1;
    put_at := greatest(clock_timestamp(), last_seal.recorded_at + interval '1 microsecond');
    WITH batch AS MATERIALIZED (
        SELECT ctid AS row FROM @schema@.session_inbox
        WHERE ended_by IS NOT NULL
          AND (ended_at IS NOT NULL OR (NOT behind AND detected_at <= clock_timestamp() - settle))
        LIMIT at_most FOR UPDATE SKIP LOCKED
    ), taken AS (
        DELETE FROM @schema@.session_inbox AS i USING batch WHERE i.ctid = batch.row RETURNING i.*
    ), put AS (
        INSERT INTO @schema@.session_log
        SELECT put_at, coalesce(
                session_id, to_hex(floor(extract(epoch FROM backend_start))::bigint) || '.' || to_hex(backend_pid)
            ),
            @instance@, coalesce(database_name, current_database()), login_user, client_addr, client_port, application,
            split_part(authn, ':', 1), substr(authn, strpos(authn, ':') + 1), backend_pid, started_at,
            ended_at, ended_by, last_seen_at, detected_at, coalesce(source, 'login trigger')
        FROM taken RETURNING session_log.*
    )
    SELECT count(*), coalesce(string_agg(put::text, E'\n' ORDER BY put::text COLLATE "C"), '')
    INTO moved, text_of_rows FROM put;

    -- 5. Seal it, with the seal before: a change of any earlier row breaks every later seal.
    IF moved > 0 THEN
        INSERT INTO @schema@.seal VALUES (
            coalesce(last_seal.n, 0) + 1, 'batch', put_at, NULL, moved, sha256(
                coalesce(last_seal.digest, '')
                || convert_to(moved || E'\n' || put_at::text || E'\n' || text_of_rows, 'UTF8')
            )
        )
        RETURNING * INTO last_seal;
        -- The one copy that a superuser of this database can not rewrite, if the log is shipped elsewhere.
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'sealed', 'function', @text:maintain@, 'n', last_seal.n, 'rows', moved,
            'digest', encode(last_seal.digest, 'hex')
        );
    END IF;
    said := said || jsonb_build_object('put_away', moved);

    -- 6. Retention. DROP locks the log's parent: readers for a moment, never a login. If a long read is in the way,
    -- or the partition is somebody else's: next time.
    FOR old IN
        SELECT c.relname,
            substring(pg_get_expr(c.relpartbound, c.oid) FROM $re$TO \('([^']+)'\)$re$)::timestamptz AS until
        FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid
        WHERE inhparent = @text:session_log@::regclass ORDER BY 2
    LOOP
        CONTINUE WHEN old.until >= now() - interval @retention@ OR is_jump;
        BEGIN
            LOCK TABLE @schema@.session_log IN ACCESS EXCLUSIVE MODE;
            EXECUTE format('SELECT count(*) FROM %I.%I', @name@, old.relname) INTO moved;
            SELECT * INTO last_seal FROM @schema@.seal ORDER BY n DESC LIMIT 1;
            put_at := greatest(clock_timestamp(), last_seal.recorded_at + interval '1 microsecond');
            dropped := old.relname || ' until ' || old.until;
            INSERT INTO @schema@.seal VALUES (
                coalesce(last_seal.n, 0) + 1, 'dropped', put_at, dropped, moved, sha256(
                    coalesce(last_seal.digest, '')
                    || convert_to('dropped' || E'\n' || put_at::text || E'\n' || dropped || E'\n' || moved, 'UTF8')
                )
            );
            EXECUTE format('DROP TABLE %I.%I', @name@, old.relname);
            said := said || jsonb_build_object('dropped', coalesce(said -> 'dropped', '[]') || to_jsonb(old.relname));
        EXCEPTION WHEN lock_not_available OR insufficient_privilege THEN
            said := said || jsonb_build_object('drop_later', old.relname);
            EXIT;
        END;
    END LOOP;
    IF NOT is_jump THEN
        WITH aged AS (
            DELETE FROM @schema@.refused_login AS r WHERE at < now() - interval @retention@ RETURNING r.*
        )
        SELECT coalesce(sum(hashtextextended(aged::text, 0)), 0) INTO dropped_sum FROM aged;
        DELETE FROM @schema@.coverage WHERE until < now() - interval @retention@;
    END IF;

    -- 7. Whether logins are recorded at all: from the last look on, if they are no more.
    SELECT CASE
        WHEN t.oid IS NULL THEN 'the login trigger is missing'
        WHEN t.evtenabled <> 'A' THEN 'the login trigger does not fire always'
        WHEN t.evtfoid IS DISTINCT FROM to_regprocedure(@text:logon()@) THEN 'the login trigger runs another function'
        -- For all, or a role: in this session alone it is off for whoever looks after the server.
        WHEN s.setting = 'off' AND s.source NOT IN ('client', 'session', 'user', 'database user')
            THEN 'event_triggers is off'
        WHEN EXISTS (
            SELECT FROM pg_db_role_setting AS r JOIN pg_roles ON pg_roles.oid = r.setrole
            WHERE r.setconfig @> '{event_triggers=off}'
              AND r.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
        ) THEN 'event_triggers is off for a role'
    END INTO why
    FROM pg_settings AS s LEFT JOIN pg_event_trigger AS t ON t.evtname = @trigger@ WHERE s.name = 'event_triggers';
    why := nullif(concat_ws('; ', why, gap), '');
    UPDATE @schema@.coverage SET until = now() WHERE until = covered_until AND reason IS NOT DISTINCT FROM why;
    covered_until := coalesce(covered_until, installed);  -- the first call comes before the login trigger
    IF NOT FOUND AND (covered_until IS NOT NULL OR why IS NULL) THEN
        INSERT INTO @schema@.coverage VALUES (least(covered_until, now()), now(), why);
    END IF;

    -- 8. What verify_seals() compares with: rows that are deleted or altered without a seal.
    UPDATE @schema@.session_state SET kept = coalesce(kept, '{}') || jsonb_build_object(
        'jumped_at', jumped_at, 'counts', counts,
        'seal', (SELECT max(n) FROM @schema@.seal),
        'refused', coalesce(
            (kept ->> 'refused')::numeric - dropped_sum,
            (SELECT coalesce(sum(hashtextextended(r::text, 0)), 0) FROM @schema@.refused_login AS r)
        ),
        'coverage', (SELECT sum(hashtextextended(c::text, 0)) FROM @schema@.coverage AS c),
        'log_position', (SELECT sum(hashtextextended(p::text, 0)) FROM @schema@.log_position AS p)
    );
    RETURN said;
END
