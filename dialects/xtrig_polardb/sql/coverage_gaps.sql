SELECT since, CAST(NULL AS timestamptz) AS until,
    CAST('PolarDB lets in a session whose record fails, such as a read-only one and one on a read-only node: of each '
        || 'there is a line in the server log; refused logins reach no trigger, and leave nothing here' AS text) AS reason
FROM (SELECT least((SELECT min("at") FROM {events}), (SELECT min(logon_at) FROM {log})) AS since) AS recorded
WHERE since IS NOT NULL
