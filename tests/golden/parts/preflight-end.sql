) AS found LIMIT 1;
IF problem IS NOT NULL THEN
    RAISE EXCEPTION '%', problem;
END IF;
