DO $xtrig$
BEGIN
    EXECUTE format('COMMENT ON VIEW «view» IS %L', '«mark»' || E'\n' || md5(pg_get_viewdef('«view»'::regclass)));
END
$xtrig$;

