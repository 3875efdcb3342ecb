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
    IF EXISTS (SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'audit' AND TABLE_NAME = 'logons' AND NOT (CONVERT(TABLE_COMMENT USING utf8mb4) COLLATE utf8mb4_nopad_bin LIKE 'xtrig:%:aa0342357c5447d7:audit' ESCAPE '\')) THEN
        SET problem = LEFT('table `audit`.`logons` is there and was not made as this', 128);
    END IF;
    IF EXISTS (SELECT 1 FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'audit' AND ROUTINE_NAME = 'gate' AND NOT (CONVERT(ROUTINE_COMMENT USING utf8mb4) COLLATE utf8mb4_nopad_bin LIKE 'xtrig:%:________________:audit' ESCAPE '\')) THEN
        SET problem = LEFT('procedure `audit`.`gate` is not of this set', 128);
    END IF;
    IF problem IS NOT NULL THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = problem;
    END IF;
END$$

-- Database audit
CREATE DATABASE IF NOT EXISTS `audit` CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin$$

-- Table logons
CREATE TABLE IF NOT EXISTS `audit`.`logons` (
    `id` bigint(20) NOT NULL AUTO_INCREMENT,
    `at` timestamp(6) NULL,
    `who` varchar(128) NULL,
    `origin` varchar(200) NULL DEFAULT (CONCAT('un', 'known')),
    `encrypted` tinyint(1) NULL,
    `noted` longtext NULL,
    PRIMARY KEY (`id`)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin COMMENT = 'xtrig:1:aa0342357c5447d7:audit'$$

-- Procedure gate
CREATE OR REPLACE PROCEDURE `audit`.`gate`(IN xtrig_database VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin, IN xtrig_account VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin)
SQL SECURITY DEFINER MODIFIES SQL DATA
COMMENT 'xtrig:1:fcbd1a3ca0c64bb7:audit'
BEGIN
    DECLARE xtrig_login_user VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT LEFT(USER(), CHAR_LENGTH(USER()) - LOCATE('@', REVERSE(USER())));
    DECLARE xtrig_client_ip VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT IF((IS_IPV4(SUBSTRING_INDEX(USER(), '@', -1)) OR IS_IPV6(SUBSTRING_INDEX(USER(), '@', -1))), SUBSTRING_INDEX(USER(), '@', -1), NULL);
    DECLARE xtrig_message VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
    DECLARE xtrig_lock_timeout BIGINT DEFAULT @@SESSION.innodb_lock_wait_timeout;
    -- exempt_roles: nothing below can stop these users.
    IF xtrig_login_user NOT IN ('breakglass') THEN
        -- lock_timeout: in whole seconds, for rows; a locked table is given up after one by itself.
        SET SESSION innodb_lock_wait_timeout = 1;
        -- on_error: allow. The login goes on.
        BEGIN
            DECLARE EXIT HANDLER FOR SQLSTATE 'XTRIG' RESIGNAL;
            DECLARE EXIT HANDLER FOR 1969, 1317 SIGNAL SQLSTATE 'XTRIG' SET MESSAGE_TEXT = 'xtrig: cut off';
            DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END;
            BEGIN
                DECLARE EXIT HANDLER FOR SQLSTATE 'XTRIG' RESIGNAL;
                DECLARE EXIT HANDLER FOR 1969, 1317 SIGNAL SQLSTATE 'XTRIG' SET MESSAGE_TEXT = 'xtrig: cut off';
                DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END;
                -- standby: skip.
                IF @@GLOBAL.read_only = 0 THEN
                    INSERT INTO `audit`.`logons` (`at`, `who`, `origin`, `encrypted`, `noted`)
                    VALUES (NOW(6), xtrig_login_user, CONCAT(CONCAT(COALESCE(xtrig_client_ip, 'local'), ' to '), COALESCE(xtrig_database, '-')), (SELECT s.VARIABLE_VALUE <> '' FROM information_schema.SESSION_STATUS AS s WHERE s.VARIABLE_NAME = 'Ssl_cipher'), CASE WHEN (SELECT s.VARIABLE_VALUE <> '' FROM information_schema.SESSION_STATUS AS s WHERE s.VARIABLE_NAME = 'Ssl_cipher') THEN 'true' WHEN NOT (SELECT s.VARIABLE_VALUE <> '' FROM information_schema.SESSION_STATUS AS s WHERE s.VARIABLE_NAME = 'Ssl_cipher') THEN 'false' END);
                END IF;
            END;
            BEGIN
                DECLARE EXIT HANDLER FOR SQLSTATE 'XTRIG' RESIGNAL;
                DECLARE EXIT HANDLER FOR 1969, 1317 SIGNAL SQLSTATE 'XTRIG' SET MESSAGE_TEXT = 'xtrig: cut off';
                DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END;
                IF ((LOWER(xtrig_login_user) LIKE 'tmp!_%' ESCAPE '!') AND (NOT (HOUR(UTC_TIMESTAMP()) BETWEEN 6 AND 20))) THEN
                    COMMIT;
                    SET xtrig_message = LEFT(CONCAT(COALESCE(xtrig_login_user, ''), ' works by day'), 128);
                    SIGNAL SQLSTATE 'XTRIG' SET MESSAGE_TEXT = xtrig_message;
                ELSE
                    -- standby: skip.
                    IF @@GLOBAL.read_only = 0 THEN
                        IF ((SELECT COUNT(*) FROM `audit`.`logons` AS `l` WHERE ((`l`.`who` = xtrig_login_user) AND (`l`.`at` > (NOW(6) - INTERVAL 1 HOUR)))) > 100) THEN
                            INSERT INTO `audit`.`logons` (`who`, `noted`)
                            VALUES (xtrig_login_user, (CASE WHEN (NOT (xtrig_client_ip <=> '10.0.0.1')) THEN 'far' END));
                        END IF;
                    END IF;
                END IF;
            END;
            IF ((NOT EXISTS (SELECT 1 FROM `site`.`allowed` AS `a` WHERE (CONVERT(`a`.`who` USING utf8mb4) COLLATE utf8mb4_nopad_bin = xtrig_login_user))) AND (xtrig_login_user <> 'site_owner')) THEN
                COMMIT;
                SET xtrig_message = LEFT(CONCAT('no entry for ', COALESCE(xtrig_login_user, ''), '; it''s shut'), 128);
                SIGNAL SQLSTATE 'XTRIG' SET MESSAGE_TEXT = xtrig_message;
            END IF;
        END;
        COMMIT;
        SET SESSION innodb_lock_wait_timeout = xtrig_lock_timeout;
    END IF;
END$$

-- Whoever logs in calls it
GRANT EXECUTE ON PROCEDURE `audit`.`gate` TO PUBLIC$$

-- Trigger gate: its section of init_connect, beside what others have there
SET GLOBAL init_connect = (
    SELECT IF(LOCATE(head, present) AND LOCATE(tail, present),
        CONCAT(SUBSTRING_INDEX(present, head, 1), section, SUBSTRING_INDEX(present, tail, -1)),
        CONCAT(section, present))
    FROM (SELECT CONVERT(@@GLOBAL.init_connect USING utf8mb4) COLLATE utf8mb4_nopad_bin AS present,
        CONCAT('/* xtrig: ', 'audit', ' *//* ', 'gate', ' */') AS head,
        CONCAT('/* xtrig end: ', 'audit', ' *//* ', 'gate', ' */') AS tail,
        '/* xtrig: audit *//* gate *//* xtrig:1:cfc9d034d54be93a:audit */ SET @xtrig_timeout = @@SESSION.max_statement_time, SESSION max_statement_time = 3; BEGIN NOT ATOMIC DECLARE EXIT HANDLER FOR SQLSTATE ''XTRIG'', 1969, 1317 RESIGNAL; DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END; CALL `audit`.`gate`(DATABASE(), CURRENT_USER()); END; SET SESSION max_statement_time = @xtrig_timeout, @xtrig_timeout = NULL; /* xtrig end: audit *//* gate */' AS section) AS parts
)$$

DELIMITER ;
