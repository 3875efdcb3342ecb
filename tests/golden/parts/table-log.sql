-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    who varchar(64),
    what text,
    PRIMARY KEY (id)
);

COMMENT ON TABLE audit.log IS 'xtrig:1:4d614ba24ed0a6ae:audit';
