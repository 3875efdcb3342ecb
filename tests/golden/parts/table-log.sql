-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    who varchar(64),
    what text,
    PRIMARY KEY (id)
);

-- Table audit.log, if an earlier definition made it
DO $xtrig$
DECLARE
    problem text;
BEGIN
    IF pg_catalog.obj_description(pg_catalog.to_regclass('audit.log'), 'pg_class') LIKE 'xtrig:%' AND (
        (SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass('audit.log') AND attname IN ('id', 'who', 'what')) < 3
    ) THEN
        EXECUTE current_setting('xtrig.untrusted') INTO problem;
        IF problem IS NOT NULL THEN
            RAISE EXCEPTION '%', problem;
        END IF;
        ALTER TABLE audit.log
            ADD COLUMN IF NOT EXISTS id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            ADD COLUMN IF NOT EXISTS who varchar(64),
            ADD COLUMN IF NOT EXISTS what text;
    END IF;
END
$xtrig$;

COMMENT ON TABLE audit.log IS 'xtrig:1:4d614ba24ed0a6ae:audit';
