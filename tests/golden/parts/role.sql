-- Role «role» «purpose»
DO $xtrig$
BEGIN
    IF to_regrole('«role»') IS NULL THEN
        CREATE ROLE «role» NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
        COMMENT ON ROLE «role» IS '«mark»';
    END IF;
END
$xtrig$;
