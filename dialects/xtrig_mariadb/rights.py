"""Which procedures everybody may call: init_connect runs with the rights of whoever logs in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from xtrig.dialect.driver import Row
from xtrig_mariadb.words import folded

PUBLIC_GRANTS = "SHOW GRANTS FOR PUBLIC"
"""Every account may ask it, from 10.11 on, which has PUBLIC. It gives a row for each grant, in words of SQL."""
# In the quotes of the session's sql_mode, which the driver has set.
_NAME = r"\*|`(?:[^`]|``)+`"
_GRANT = re.compile(rf"GRANT (?P<rights>.+) ON (?:PROCEDURE )?(?P<home>{_NAME})\.(?P<name>{_NAME}) TO PUBLIC")


class Granted:
    """What PUBLIC may execute: single procedures, all of a database, or all."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._places = set(_places(str(next(iter(row.values()))) for row in rows))

    def whom(self, home: str, name: str) -> str:
        """Return ``PUBLIC`` if everybody may call a procedure, else ``nobody``."""
        places = {(folded(home), folded(name)), (folded(home), "*"), ("*", "*")}
        return "PUBLIC" if places & self._places else "nobody"


def _places(grants: Iterable[str]) -> Iterator[tuple[str, str]]:
    for grant in grants:
        match = _GRANT.match(grant)
        if match and {"EXECUTE", "ALL PRIVILEGES"} & set(match["rights"].split(", ")):
            is_all = match["name"] == "*"
            # A grant on a whole database takes its name for a pattern, in which a backslash escapes.
            home = match["home"].replace("\\_", "_").replace("\\%", "%") if is_all else match["home"]
            yield _plain(home), _plain(match["name"])


def _plain(quoted: str) -> str:
    return quoted if quoted == "*" else folded(quoted[1:-1].replace("``", "`"))
