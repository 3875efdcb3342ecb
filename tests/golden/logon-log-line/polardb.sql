-- « polardb-script: PolarDB for PostgreSQL 14
-- « polardb-helper: public.greet
    -- lock_timeout: a lock held elsewhere may delay this, not hold it.
    SET lock_timeout = '250ms'
AS $xtrig$
BEGIN
    -- « polardb-refusal: public.greet
    BEGIN
        RAISE LOG '%', format('100%% of %s from %s', polar_login_user, polar_client_ip);
    -- « error-is-logged: login | public.greet | logon
-- « polardb-end-of-helper: public.greet | xtrig:1:a01d4c888826f1e9:public | xtrig:1:fea470497d24390d:public | public

-- « polardb-trigger: greet | logon | ON after_user_logon | PROCEDURE | public.greet | xtrig:1:7a784b9f55bd39fe:public
