-- standby: skip. Nothing can be written on a read-only node or in a read-only session.
IF NOT (pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on') THEN
