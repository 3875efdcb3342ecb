-- Rendered by xtrig for Oracle Database 19: change the definition, not this text (removal)

SET DEFINE OFF
SET SQLBLANKLINES ON
WHENEVER SQLERROR EXIT FAILURE ROLLBACK

-- Drop trigger "audit".watch
BEGIN
    EXECUTE IMMEDIATE 'DROP TRIGGER "audit".watch';
EXCEPTION
    WHEN OTHERS THEN
        IF SQLCODE <> -4080 THEN
            RAISE;
        END IF;
END;
/

-- Drop trigger "audit".on_logon
BEGIN
    EXECUTE IMMEDIATE 'DROP TRIGGER "audit".on_logon';
EXCEPTION
    WHEN OTHERS THEN
        IF SQLCODE <> -4080 THEN
            RAISE;
        END IF;
END;
/
