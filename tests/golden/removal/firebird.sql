-- Rendered by xtrig for Firebird 5.0: change the definition, not this text (removal)

SET BAIL ON;
SET AUTODDL OFF;
SET TERM ^ ;

-- Drop trigger on_logon
EXECUTE BLOCK AS
BEGIN
    IF (EXISTS(SELECT 1 FROM rdb$triggers WHERE rdb$trigger_name = 'ON_LOGON' AND rdb$description STARTING WITH 'xtrig:')) THEN
        EXECUTE STATEMENT 'DROP TRIGGER on_logon';
END^

-- Drop trigger watch
EXECUTE BLOCK AS
BEGIN
    IF (EXISTS(SELECT 1 FROM rdb$triggers WHERE rdb$trigger_name = 'WATCH' AND rdb$description STARTING WITH 'xtrig:')) THEN
        EXECUTE STATEMENT 'DROP TRIGGER watch';
END^

COMMIT^

-- Drop what refusals were raised as, if nothing else needs it
EXECUTE BLOCK AS
BEGIN
    IF (EXISTS(SELECT 1 FROM rdb$exceptions WHERE rdb$exception_name = 'XTRIG_DENIED') AND NOT EXISTS(SELECT 1 FROM rdb$dependencies WHERE rdb$depended_on_name = 'XTRIG_DENIED')) THEN
        EXECUTE STATEMENT 'DROP EXCEPTION xtrig_denied';
END^

COMMIT^
