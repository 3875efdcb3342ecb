SELECT format('the setting %s of %s would end logins in their triggers; ALTER %2$s RESET transaction_timeout', line, concat_ws(' IN ', CASE WHEN setrole <> 0 OR setdatabase = 0 THEN 'ROLE ' || coalesce(quote_ident(rolname), 'ALL') END, CASE WHEN setdatabase <> 0 THEN 'DATABASE ' || quote_ident(current_database()) END))
INTO problem
FROM pg_db_role_setting LEFT JOIN pg_roles AS r ON r.oid = setrole, unnest(setconfig) AS line
WHERE (setrole = 0 OR rolname = current_user)
  AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  AND line ~* E'^transaction_timeout=\\s*\\+?(0x[0-9a-f]{1,2}|0*[1-9]\\d?(\\.\\d*)?\\s*(ms)?|\\d+\\s*us|0*\\.0\\d*\\s*s)\\s*$';
IF problem IS NOT NULL THEN
    RAISE EXCEPTION '%', problem;
END IF;
