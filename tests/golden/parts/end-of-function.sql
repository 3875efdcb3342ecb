END
$xtrig$;

REVOKE ALL ON FUNCTION «function»() FROM PUBLIC;

COMMENT ON FUNCTION «function»() IS '«mark»';
