SELECT CAST(NULL AS timestamptz) AS "at", CAST(NULL AS text) AS session_id, CAST(NULL AS text) AS login_user,
    CAST(NULL AS text) AS database_name, CAST(NULL AS text) AS client_ip, CAST(NULL AS text) AS application,
    CAST(NULL AS text) AS sqlstate, CAST(NULL AS text) AS message
WHERE false
