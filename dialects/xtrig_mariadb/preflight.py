"""What a script looks at first: it stops before it takes the place of somebody else's things."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xtrig.plugin import PREFIX, Lines, Statement, layout
from xtrig_mariadb.objects import MariaDBObject, Procedure, Table
from xtrig_mariadb.words import BINARY, text

_MODE = "SELECT 1 FROM (SELECT @@GLOBAL.sql_mode AS mode) AS present WHERE FIND_IN_SET('ORACLE', mode)"
_ORACLE = "sql_mode ORACLE: the server would not understand init_connect, and refuse every login"


def preflight(objects: Iterable[MariaDBObject], set_name: str) -> Statement:
    """Return the statement that fails unless the script can do what it says."""
    checks = [(_MODE, _ORACLE)]
    for each in objects:
        schema, name = (text(part) for part in each.path) if len(each.path) == 2 else ("", "")
        if isinstance(each, Procedure):
            look = f"information_schema.ROUTINES WHERE ROUTINE_SCHEMA = {schema} AND ROUTINE_NAME = {name}"
            theirs = f"NOT {_marked('ROUTINE_COMMENT', '_' * 16, set_name)}"
            checks.append((f"SELECT 1 FROM {look} AND {theirs}", f"procedure {each.name} is not of this set"))
        elif isinstance(each, Table) and each.mark is not None:
            look = f"information_schema.TABLES WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {name}"
            theirs = f"NOT {_marked('TABLE_COMMENT', each.mark.digest, set_name)}"
            problem = f"table {each.name} is there and was not made as this"
            checks.append((f"SELECT 1 FROM {look} AND {theirs}", problem))
    lines: Lines = [f"DECLARE problem VARCHAR(128) {BINARY};"]
    for query, problem in checks:
        lines += [f"IF EXISTS ({query}) THEN", [f"SET problem = LEFT({text(problem)}, 128);"], "END IF;"]
    lines += ["IF problem IS NOT NULL THEN", ["SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = problem;"], "END IF;"]
    return Statement(layout(["BEGIN NOT ATOMIC", lines, "END"]), "Nothing of others is replaced", transactional=False)


def _marked(column: str, digest: str, set_name: str) -> str:
    """Return the condition that a comment is a mark of the set, of whatever version of xtrig."""
    escaped = re.sub(r"[\\_%]", r"\\\g<0>", set_name)
    exact = f"CONVERT({column} USING utf8mb4) COLLATE utf8mb4_nopad_bin"
    return f"({exact} LIKE {text(f'{PREFIX}%:{digest}:{escaped}')} ESCAPE '\\')"
