-- Rendered by xtrig for MariaDB 11.8 (removal)

DELIMITER $$

-- How this text and its literals are read and compared
SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin$$

-- Procedures keep this mode: a value that does not fit is an error, and a backslash in a text is itself
SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'$$

-- Drop trigger gate: its section of init_connect
SET GLOBAL init_connect = (
    SELECT IF(LOCATE(head, present) AND LOCATE(tail, present),
        CONCAT(SUBSTRING_INDEX(present, head, 1), section, SUBSTRING_INDEX(present, tail, -1)),
        CONCAT(section, present))
    FROM (SELECT CONVERT(@@GLOBAL.init_connect USING utf8mb4) COLLATE utf8mb4_nopad_bin AS present,
        CONCAT('/* xtrig: ', 'audit', ' *//* ', 'gate', ' */') AS head,
        CONCAT('/* xtrig end: ', 'audit', ' *//* ', 'gate', ' */') AS tail,
        '' AS section) AS parts
)$$

-- Drop procedure gate
DROP PROCEDURE IF EXISTS `audit`.`gate`$$

-- Drop table logons
DROP TABLE IF EXISTS `audit`.`logons`$$

DELIMITER ;
