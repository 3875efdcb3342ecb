$asked$, true);
EXECUTE current_setting('xtrig.untrusted') INTO problem;
IF problem IS NOT NULL THEN
    RAISE EXCEPTION '%', problem;
END IF;
