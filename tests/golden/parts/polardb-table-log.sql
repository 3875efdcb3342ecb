-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    id bigserial,
    "at" timestamptz NOT NULL,
    who varchar(64),
    what text,
    PRIMARY KEY (id)
);

-- Table audit.log, if an earlier definition made it
DO LANGUAGE plpgsql $xtrig$
BEGIN
    IF pg_catalog.obj_description(pg_catalog.to_regclass('audit.log')::oid, 'pg_class') LIKE 'xtrig:%' AND (
        (SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass('audit.log')::oid AND attname IN ('id', 'who', 'what')) < 3
    ) THEN
        ALTER TABLE audit.log
            ADD COLUMN IF NOT EXISTS id bigserial PRIMARY KEY,
            ADD COLUMN IF NOT EXISTS who varchar(64),
            ADD COLUMN IF NOT EXISTS what text;
    END IF;
END
$xtrig$;
