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
