-- « polardb-script: PolarDB for PostgreSQL 14
-- « polardb-helper: public.greet
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: public.greet
    BEGIN
        PERFORM set_config('app.greeted', 'true', false);
    -- « error-is-logged: login | public.greet | logon
-- « polardb-end-of-helper: public.greet | xtrig:1:10a69927bb68f7af:public | xtrig:1:fea470497d24390d:public | public

-- « polardb-helper: public.silent
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: public.silent
    BEGIN
        PERFORM set_config('app.silent', 'true', false);
    -- « error-is-logged: login | public.silent | logon
-- « polardb-end-of-helper: public.silent | xtrig:1:4883bcea6c84ab97:public | xtrig:1:f1edfdde312390b0:public | public

-- « polardb-helper: public.replica_only
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: public.replica_only
    BEGIN
        PERFORM set_config('app.replica', 'true', false);
    -- « error-is-logged: login | public.replica_only | logon
-- « polardb-end-of-helper: public.replica_only | xtrig:1:85c3fda7d685ad42:public | xtrig:1:725df7453faf1afe:public | public

DROP EVENT TRIGGER IF EXISTS greet;

-- Trigger greet: logon
CREATE EVENT TRIGGER greet ON after_user_logon
    EXECUTE PROCEDURE public.greet();

ALTER EVENT TRIGGER greet ENABLE ALWAYS;

COMMENT ON EVENT TRIGGER greet IS 'xtrig:1:7a784b9f55bd39fe:public';

DROP EVENT TRIGGER IF EXISTS silent;

-- Trigger silent: logon
CREATE EVENT TRIGGER silent ON after_user_logon
    EXECUTE PROCEDURE public.silent();

ALTER EVENT TRIGGER silent DISABLE;

COMMENT ON EVENT TRIGGER silent IS 'xtrig:1:6f1aba85ef519642:public';

DROP EVENT TRIGGER IF EXISTS replica_only;

-- Trigger replica_only: logon
CREATE EVENT TRIGGER replica_only ON after_user_logon
    EXECUTE PROCEDURE public.replica_only();

ALTER EVENT TRIGGER replica_only ENABLE REPLICA;

COMMENT ON EVENT TRIGGER replica_only IS 'xtrig:1:89e1e46d1d01c510:public';
