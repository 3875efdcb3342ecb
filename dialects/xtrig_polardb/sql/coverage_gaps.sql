SELECT min("at") AS since, CAST(NULL AS timestamptz) AS until,
    CAST('PolarDB lets in a session whose record fails, and refused logins reach no trigger: both leave nothing here'
        AS text) AS reason
FROM {events}
HAVING min("at") IS NOT NULL
