DECLARE
    pages bigint;
    state record;
    first bigint := 0;
BEGIN
    -- A serializable transaction that reads can be chosen as the victim at commit, which would refuse the login.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RETURN;
    END IF;
    -- Nothing is sent to a client while the row is locked: one that does not read would hold it for good. Not a SET
    -- clause, which ends with the function: the locks end with the transaction, and so does this.
    PERFORM set_config('client_min_messages', 'error', true);
    -- One at a time, and nobody waits: any user can take advisory locks, but not this row's.
    SELECT * INTO state FROM @schema@.session_state WHERE reap_due < clock_timestamp() FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- At most 256 pages and 1,000 rows, whatever has piled up.
    pages := pg_relation_size(@text:session_inbox@) / current_setting('block_size')::bigint;
    IF pages > 256 AND state.next_block < pages THEN
        first := state.next_block;
    END IF;
    UPDATE @schema@.session_state
    SET reap_due = clock_timestamp() + interval @look_every@, next_block = first + 256;
    -- What fails here must not be tried again by the next login at once.
    BEGIN
        PERFORM @schema@.reap(first, first + 256, 1000);
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
        RAISE LOG 'xtrig %', json_build_object(
            'outcome', 'error', 'function', @text:reap_at_login@, 'sqlstate', SQLSTATE, 'error', SQLERRM
        );
    END;
END
