-- Schema «schema»
DO $xtrig$
BEGIN
    IF to_regnamespace('«schema»') IS NULL THEN
        CREATE SCHEMA «schema»;
        COMMENT ON SCHEMA «schema» IS 'xtrig:1::«set»';
    END IF;
END
$xtrig$;

