-- Rendered by xtrig for PostgreSQL 18: change the definition, not this text (removal)

BEGIN;

SET LOCAL search_path = pg_catalog, pg_temp;

SET LOCAL client_min_messages = warning;

-- Drop trigger on_logon
DO $xtrig$
BEGIN
    IF EXISTS (
        SELECT FROM pg_event_trigger WHERE evtname = 'on_logon'
          AND obj_description(oid, 'pg_event_trigger') LIKE 'xtrig:%'
    ) THEN
        DROP EVENT TRIGGER on_logon;
    END IF;
END
$xtrig$;

-- Without this, hot standbys would refuse every login until someone logs in on the primary
DO $xtrig$
BEGIN
    UPDATE pg_database SET dathasloginevt = false
    WHERE datname = current_database() AND dathasloginevt AND NOT EXISTS (
        SELECT FROM pg_event_trigger WHERE evtevent = 'login' AND evtenabled <> 'D'
    );
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE WARNING 'log in to this database once on the primary: until then its standbys refuse logins';
END
$xtrig$;

-- Drop trigger watch
DO $xtrig$
BEGIN
    IF EXISTS (
        SELECT FROM pg_event_trigger WHERE evtname = 'watch'
          AND obj_description(oid, 'pg_event_trigger') LIKE 'xtrig:%'
    ) THEN
        DROP EVENT TRIGGER watch;
    END IF;
END
$xtrig$;

-- Drop function audit.watch
DO $xtrig$
BEGIN
    IF EXISTS (
        SELECT FROM pg_proc WHERE oid = to_regprocedure('audit.watch()')
          AND obj_description(oid, 'pg_proc') LIKE 'xtrig:%'
    ) THEN
        DROP FUNCTION audit.watch();
    END IF;
END
$xtrig$;

-- Drop function audit.on_logon
DO $xtrig$
BEGIN
    IF EXISTS (
        SELECT FROM pg_proc WHERE oid = to_regprocedure('audit.on_logon()')
          AND obj_description(oid, 'pg_proc') LIKE 'xtrig:%'
    ) THEN
        DROP FUNCTION audit.on_logon();
    END IF;
END
$xtrig$;

COMMIT;
