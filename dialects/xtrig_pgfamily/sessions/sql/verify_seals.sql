DECLARE
    s record; before bytea := ''; expected bigint := 1; kept_from timestamptz; r record;
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
    RETURN QUERY
        SELECT NULL::bigint, l.recorded_at, format('%s rows that no seal covers', count(*))
        FROM @schema@.session_log AS l
        WHERE NOT EXISTS (SELECT FROM @schema@.seal WHERE kind = 'batch' AND seal.recorded_at = l.recorded_at)
        GROUP BY l.recorded_at;
END
