SELECT format('role %I does not exist; create it first', wanted)
INTO problem
FROM unnest(ARRAY[«roles»]) AS wanted
WHERE to_regrole(quote_ident(wanted)) IS NULL;
IF problem IS NOT NULL THEN
    RAISE EXCEPTION '%', problem;
END IF;
