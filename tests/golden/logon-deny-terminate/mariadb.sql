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
    IF EXISTS (SELECT 1 FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'public' AND ROUTINE_NAME = 'firewall' AND NOT (CONVERT(ROUTINE_COMMENT USING utf8mb4) COLLATE utf8mb4_nopad_bin LIKE 'xtrig:%:________________:public' ESCAPE '\')) THEN
        SET problem = LEFT('procedure `public`.`firewall` is not of this set', 128);
    END IF;
    IF problem IS NOT NULL THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = problem;
    END IF;
END$$

-- Database public
CREATE DATABASE IF NOT EXISTS `public` CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin$$

-- Procedure firewall
CREATE OR REPLACE PROCEDURE `public`.`firewall`(IN xtrig_database VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin, IN xtrig_account VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin)
SQL SECURITY DEFINER MODIFIES SQL DATA
COMMENT 'xtrig:1:01d5c82375df92de:public'
BEGIN
    DECLARE xtrig_login_user VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT LEFT(USER(), CHAR_LENGTH(USER()) - LOCATE('@', REVERSE(USER())));
    DECLARE xtrig_client_ip VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT IF((IS_IPV4(SUBSTRING_INDEX(USER(), '@', -1)) OR IS_IPV6(SUBSTRING_INDEX(USER(), '@', -1))), SUBSTRING_INDEX(USER(), '@', -1), NULL);
    DECLARE xtrig_application VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT (SELECT a.ATTR_VALUE FROM performance_schema.session_connect_attrs AS a WHERE a.PROCESSLIST_ID = CONNECTION_ID() AND a.ATTR_NAME = 'program_name');
    DECLARE xtrig_message VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
    DECLARE xtrig_lock_timeout BIGINT DEFAULT @@SESSION.innodb_lock_wait_timeout;
    -- exempt_roles: nothing below can stop these users.
    IF xtrig_login_user NOT IN ('dba') THEN
        -- lock_timeout: in whole seconds, for rows; a locked table is given up after one by itself.
        SET SESSION innodb_lock_wait_timeout = 1;
        -- on_error: allow. The login goes on.
        BEGIN
            DECLARE EXIT HANDLER FOR SQLSTATE 'XTRIG' RESIGNAL;
            DECLARE EXIT HANDLER FOR 1969, 1317 SIGNAL SQLSTATE 'XTRIG' SET MESSAGE_TEXT = 'xtrig: cut off';
            DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END;
            IF (xtrig_application = 'badapp') THEN
                SET xtrig_message = LEFT(CONCAT('not from ', COALESCE(xtrig_client_ip, '')), 128);
                SIGNAL SQLSTATE 'XTRIG' SET MESSAGE_TEXT = xtrig_message;
            END IF;
        END;
        SET SESSION innodb_lock_wait_timeout = xtrig_lock_timeout;
    END IF;
END$$

-- Whoever logs in calls it
GRANT EXECUTE ON PROCEDURE `public`.`firewall` TO PUBLIC$$

-- Trigger firewall: its section of init_connect, beside what others have there
SET GLOBAL init_connect = (
    SELECT IF(LOCATE(head, present) AND LOCATE(tail, present),
        CONCAT(SUBSTRING_INDEX(present, head, 1), section, SUBSTRING_INDEX(present, tail, -1)),
        CONCAT(section, present))
    FROM (SELECT CONVERT(@@GLOBAL.init_connect USING utf8mb4) COLLATE utf8mb4_nopad_bin AS present,
        CONCAT('/* xtrig: ', 'public', ' *//* ', 'firewall', ' */') AS head,
        CONCAT('/* xtrig end: ', 'public', ' *//* ', 'firewall', ' */') AS tail,
        '/* xtrig: public *//* firewall *//* xtrig:1:521e47821905ea5f:public */ SET @xtrig_timeout = @@SESSION.max_statement_time, SESSION max_statement_time = 5; BEGIN NOT ATOMIC DECLARE EXIT HANDLER FOR SQLSTATE ''XTRIG'', 1969, 1317 RESIGNAL; DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END; CALL `public`.`firewall`(DATABASE(), CURRENT_USER()); END; SET SESSION max_statement_time = @xtrig_timeout, @xtrig_timeout = NULL; /* xtrig end: public *//* firewall */' AS section) AS parts
)$$

DELIMITER ;
