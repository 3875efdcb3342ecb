DECLARE
    s record; state record; before bytea := ''; expected bigint := 1; kept_from timestamptz; r record;
BEGIN
    -- A seal may have been altered to anything, and must not stop the others from being verified.
    SELECT max(CASE WHEN pg_input_is_valid(until, 'timestamptz') THEN until::timestamptz END) INTO kept_from
    FROM @schema@.seal AS d, split_part(d.detail, ' until ', 2) AS until WHERE d.kind = 'dropped';
    FOR s IN SELECT * FROM @schema@.seal ORDER BY seal.n LOOP
        IF s.n <> expected THEN
            RETURN QUERY SELECT s.n, s.recorded_at, format('seals %s to %s are missing', expected, s.n - 1);
        ELSIF s.kind = 'dropped' THEN
            IF s.digest IS DISTINCT FROM sha256(before || convert_to(
                'dropped' || E'\n' || s.recorded_at::text || E'\n' || s.detail || E'\n' || s.rows, 'UTF8'
            )) THEN
                RETURN QUERY SELECT s.n, s.recorded_at, 'the seal of a dropped partition does not hold';
            END IF;
        ELSIF kept_from IS NULL OR s.recorded_at >= kept_from THEN
            SELECT count(*) AS rows, coalesce(string_agg(l::text, E'\n' ORDER BY l::text COLLATE "C"), '') AS words
            INTO r FROM @schema@.session_log AS l WHERE l.recorded_at = s.recorded_at;
            IF r.rows <> s.rows THEN
                RETURN QUERY SELECT s.n, s.recorded_at, format('%s rows sealed, %s found', s.rows, r.rows);
            ELSIF s.digest <> sha256(before || convert_to(
                r.rows || E'\n' || s.recorded_at::text || E'\n' || r.words, 'UTF8'
            )) THEN
                RETURN QUERY SELECT s.n, s.recorded_at, 'rows were altered, or an earlier seal was';
            END IF;
        END IF;
        before := s.digest; expected := s.n + 1;
    END LOOP;
    -- What maintain() last wrote; a standby has the log files of its own.
    SELECT * INTO state FROM @schema@.session_state;
    RETURN QUERY SELECT NULL::bigint, NULL::timestamptz, found.problem FROM (
        SELECT format('seals %s to %s are missing', expected, state.kept ->> 'seal'), (state.kept ->> 'seal')::bigint >= expected
        UNION ALL SELECT 'refused_login: rows were deleted, altered or added',
            (state.kept ->> 'refused')::numeric
                <> (SELECT coalesce(sum(hashtextextended(t::text, 0)), 0) FROM @schema@.refused_login AS t)
        UNION ALL SELECT 'coverage: rows were deleted, altered or added',
            (state.kept ->> 'coverage')::numeric
                IS DISTINCT FROM (SELECT sum(hashtextextended(t::text, 0)) FROM @schema@.coverage AS t)
                AND state.kept ? 'coverage'
        UNION ALL SELECT 'log_position: rows were deleted, altered or added',
            (state.kept ->> 'log_position')::numeric
                IS DISTINCT FROM (SELECT sum(hashtextextended(t::text, 0)) FROM @schema@.log_position AS t)
                AND state.kept ? 'coverage'
        UNION ALL SELECT 'session_state: there is not one row', 1 <> (SELECT count(*) FROM @schema@.session_state)
        UNION ALL SELECT 'session_state: a time is in the future',
            greatest(state.complete_at, state.installed_at) > clock_timestamp() + interval '1 minute'
                OR state.reap_due > clock_timestamp() + interval @look_every@ + interval '1 minute'
        UNION ALL SELECT 'session_state: next_block is beyond the table',
            state.next_block > 256 + pg_relation_size(@text:session_inbox@) / current_setting('block_size')::bigint
        UNION ALL SELECT 'session_state: the timeline is to come',
            CASE WHEN NOT pg_is_in_recovery()
                THEN state.timeline COLLATE "C" > left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END
        UNION ALL SELECT 'session_inbox: sessions from before there was a record, or from the future',
            EXISTS (
                SELECT FROM @schema@.session_inbox AS i
                WHERE i.source IS NULL AND (i.started_at < state.installed_at - interval '1 minute'
                    OR i.started_at > clock_timestamp() + interval '1 minute')
            )
    ) AS found (problem, is_so) WHERE found.is_so;
    RETURN QUERY
        SELECT NULL::bigint, l.recorded_at, format('%s rows that no seal covers', count(*))
        FROM @schema@.session_log AS l
        WHERE NOT EXISTS (SELECT FROM @schema@.seal WHERE kind = 'batch' AND seal.recorded_at = l.recorded_at)
        GROUP BY l.recorded_at;
END
