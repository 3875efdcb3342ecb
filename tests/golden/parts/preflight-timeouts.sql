SELECT format('the setting %s of %s would end logins in their triggers; ALTER %2$s RESET transaction_timeout', line, concat_ws(' IN ', CASE WHEN setrole <> 0 OR setdatabase = 0 THEN 'ROLE ' || coalesce(quote_ident(rolname), 'ALL') END, CASE WHEN setdatabase <> 0 THEN 'DATABASE ' || quote_ident(current_database()) END))
INTO problem
FROM pg_db_role_setting LEFT JOIN pg_roles AS r ON r.oid = setrole, unnest(setconfig) AS line,
    regexp_matches(line, E'^transaction_timeout=\\s*\\+?(0[xX][0-9a-fA-F]+|[0-9.]+(?:[eE][-+]?[0-9]+)?)\\s*([a-z]*)\\s*$') AS given (parts),
    LATERAL (SELECT CASE WHEN parts[1] ~* 'x' THEN ('x' || lpad(substr(parts[1], 3), 16, '0'))::bit(64)::bigint ELSE parts[1]::numeric END * CASE parts[2] WHEN 'us' THEN 0.001 WHEN 's' THEN 1000 WHEN 'min' THEN 60000 WHEN 'h' THEN 3600000 WHEN 'd' THEN 86400000 ELSE 1 END) AS time (number)
WHERE (setrole = 0 OR rolname = current_user)
  AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  AND round(number) BETWEEN 1 AND 99;
IF problem IS NOT NULL THEN
    RAISE EXCEPTION '%', problem;
END IF;
