-- Stop here if somebody has taken a name of these since the preflight
DO $xtrig$
DECLARE
    problem text;
BEGIN
    EXECUTE current_setting('xtrig.untrusted') INTO problem;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem;
    END IF;
END
$xtrig$;
