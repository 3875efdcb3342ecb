-- Rendered by xtrig for MariaDB 11.8
-- Run by an account with CONNECTION ADMIN: mariadb --comments < FILE
-- SET GLOBAL lasts until the server is restarted. To keep it, put what SELECT @@GLOBAL.init_connect says into an
-- option file, under [mariadbd]: init_connect = "..."

DELIMITER $$

-- How this text and its literals are read and compared
SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin$$

-- Procedures keep this mode: a value that does not fit is an error, and a backslash in a text is itself
SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'$$

-- Nothing of others is replaced
BEGIN NOT ATOMIC
    DECLARE problem VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
    IF EXISTS (SELECT 1 FROM (SELECT @@GLOBAL.sql_mode AS mode) AS present WHERE FIND_IN_SET('ORACLE', mode)) THEN
        SET problem = LEFT('sql_mode ORACLE: the server would not understand init_connect, and refuse every login', 128);
    END IF;
    IF EXISTS (SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'Audit Schema' AND TABLE_NAME = 'Log "of" logins' AND NOT (CONVERT(TABLE_COMMENT USING utf8mb4) COLLATE utf8mb4_nopad_bin LIKE 'xtrig:%:6adb4381f982715f:Audit Schema' ESCAPE '\')) THEN
        SET problem = LEFT('table `Audit Schema`.`Log "of" logins` is there and was not made as this', 128);
    END IF;
    IF EXISTS (SELECT 1 FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'Audit Schema' AND ROUTINE_NAME = 'on logon; drop table x --' AND NOT (CONVERT(ROUTINE_COMMENT USING utf8mb4) COLLATE utf8mb4_nopad_bin LIKE 'xtrig:%:________________:Audit Schema' ESCAPE '\')) THEN
        SET problem = LEFT('procedure `Audit Schema`.`on logon; drop table x --` is not of this set', 128);
    END IF;
    IF problem IS NOT NULL THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = problem;
    END IF;
END$$

-- Database Audit Schema
CREATE DATABASE IF NOT EXISTS `Audit Schema` CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin$$

-- Table Log "of" logins
CREATE TABLE IF NOT EXISTS `Audit Schema`.`Log "of" logins` (
    `select` longtext NULL,
    `Größe` int(11) NOT NULL DEFAULT (0),
    `$dollar` longtext NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin COMMENT = 'xtrig:1:6adb4381f982715f:Audit Schema'$$

-- Procedure on logon; drop table x --
CREATE OR REPLACE PROCEDURE `Audit Schema`.`on logon; drop table x --`(IN xtrig_database VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin, IN xtrig_account VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin)
SQL SECURITY DEFINER MODIFIES SQL DATA
COMMENT 'xtrig:1:d0038217484aeaa5:Audit Schema'
BEGIN
    DECLARE xtrig_login_user VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT LEFT(USER(), CHAR_LENGTH(USER()) - LOCATE('@', REVERSE(USER())));
    DECLARE xtrig_lock_timeout BIGINT DEFAULT @@SESSION.innodb_lock_wait_timeout;
    -- lock_timeout: in whole seconds, for rows; a locked table is given up after one by itself.
    SET SESSION innodb_lock_wait_timeout = 1;
    -- on_error: allow. The login goes on.
    BEGIN
        DECLARE EXIT HANDLER FOR SQLSTATE 'XTRIG' RESIGNAL;
        DECLARE EXIT HANDLER FOR 1969, 1317 SIGNAL SQLSTATE 'XTRIG' SET MESSAGE_TEXT = 'xtrig: cut off';
        DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END;
        -- standby: skip.
        IF @@GLOBAL.read_only = 0 THEN
            INSERT INTO `Audit Schema`.`Log "of" logins` (`select`, `Größe`, `$dollar`)
            VALUES (xtrig_login_user, 1, 'it''s');
        END IF;
    END;
    COMMIT;
    SET SESSION innodb_lock_wait_timeout = xtrig_lock_timeout;
END$$

-- Whoever logs in calls it
GRANT EXECUTE ON PROCEDURE `Audit Schema`.`on logon; drop table x --` TO PUBLIC$$

-- Trigger Trigger 'one': its section of init_connect, beside what others have there
SET GLOBAL init_connect = (
    SELECT IF(LOCATE(head, present) AND LOCATE(tail, present),
        CONCAT(SUBSTRING_INDEX(present, head, 1), section, SUBSTRING_INDEX(present, tail, -1)),
        CONCAT(section, present))
    FROM (SELECT CONVERT(@@GLOBAL.init_connect USING utf8mb4) COLLATE utf8mb4_nopad_bin AS present,
        CONCAT('/* xtrig: ', 'Audit Schema', ' *//* ', 'Trigger ''one''', ' */') AS head,
        CONCAT('/* xtrig end: ', 'Audit Schema', ' *//* ', 'Trigger ''one''', ' */') AS tail,
        '/* xtrig: Audit Schema *//* Trigger ''one'' *//* xtrig:1:2ccb39605b2efbc1:Audit Schema */ SET @xtrig_timeout = @@SESSION.max_statement_time, SESSION max_statement_time = 5; BEGIN NOT ATOMIC DECLARE EXIT HANDLER FOR SQLSTATE ''XTRIG'', 1969, 1317 RESIGNAL; DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END; CALL `Audit Schema`.`on logon; drop table x --`(DATABASE(), CURRENT_USER()); END; SET SESSION max_statement_time = @xtrig_timeout, @xtrig_timeout = NULL; /* xtrig end: Audit Schema *//* Trigger ''one'' */' AS section) AS parts
)$$

DELIMITER ;
