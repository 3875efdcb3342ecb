-- Table audit.log
CREATE TABLE IF NOT EXISTS audit.log (
    id bigserial,
    "at" timestamptz NOT NULL,
    who varchar(64),
    what text,
    PRIMARY KEY (id)
);
