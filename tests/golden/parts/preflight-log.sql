    ('audit', 'log', 'id', 'bigint', ' IDENTITY NOT NULL PRIMARY KEY', true),
    ('audit', 'log', 'at', 'timestamptz', ' NOT NULL', false),
    ('audit', 'log', 'who', 'varchar(64)', '', true),
    ('audit', 'log', 'what', 'text', '', true)
-- « preflight-columns-compared
    ('audit', 'log', ARRAY['id', 'at', 'who', 'what'])
