"""``xtrig import --url`` of init_connect: sections of xtrig's become triggers, with their procedures as they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from xtrig.dialect.driver import Row
from xtrig.dialect.platform import LiveReader, Results
from xtrig.plugin import Event, Finding, Imported, Location, ReadFunction, ReadTrigger, Severity, one_line
from xtrig_mariadb.objects import Section, parted

_CALL = re.compile(r"CALL `(?P<home>(?:[^`]|``)+)`\.`(?P<name>(?:[^`]|``)+)`\(")
_TIMEOUT = re.compile(r"SESSION max_statement_time = (?P<seconds>\d+)")
_ALLOW = "DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END;"
_ORIGIN = "init_connect"


class MariaDBLiveReader(LiveReader):
    """Reads what the server runs at logon. What others have in the variable is named, and stays beside the triggers."""

    def queries(self) -> Sequence[str]:
        """Return the queries."""
        return (
            "SELECT @@GLOBAL.init_connect AS init_connect",
            "SELECT ROUTINE_SCHEMA AS home, ROUTINE_NAME AS name, ROUTINE_DEFINITION AS body, SECURITY_TYPE AS security"
            " FROM information_schema.ROUTINES WHERE ROUTINE_TYPE = 'PROCEDURE'",
        )

    def sets(self, results: Results) -> Mapping[str | None, int]:
        """Return how many triggers each set has. Statements of others count where there is nothing else to import."""
        sections, others = _found(results)
        counted: Counter[str | None] = Counter(each.path[0] for each in sections)
        return counted if counted or not others.strip() else {None: 1}

    def read(self, results: Results, set_name: str | None, kept: AbstractSet[str]) -> Imported:
        """Return the triggers of one set; what others have is a finding, as are procedures that are gone."""
        sections, others = _found(results)
        procedures = {(str(row["home"]), str(row["name"])): row for row in results[1]}
        triggers, functions, said = [], {}, list(_left_out(others))
        for each in (section for section in sections if section.path[0] == set_name):
            called = _CALL.search(each.body)
            path = ("", "") if called is None else (_plain(called["home"]), _plain(called["name"]))
            row = procedures.get(path)
            if row is None or row["body"] is None:
                message = f"the procedure {'.'.join(path)} that it calls is not there, or this account may not read it"
                said.append(_finding("XT402", each, message, "ask as an administrator, or deploy the set again"))
                continue
            # xtrig disable is no part of the definition: the mark remembers it, and xtrig enable undoes it.
            triggers.append(ReadTrigger(each.path[1], Event.LOGON, path, 0))
            functions[path] = ReadFunction(*path, 0, _policies(each, row), body=str(row["body"]))
            remedy = "write steps in its place if it is to be portable"
            said.append(_finding("XT405", each, "its body is kept as it is, for mariadb alone", remedy))
        return Imported(functions=tuple(functions.values()), triggers=tuple(triggers), findings=tuple(said))


def _found(results: Results) -> tuple[Sequence[Section], str]:
    return parted(str(results[0][0]["init_connect"] or ""))


def _policies(section: Section, row: Row) -> Mapping[str, object]:
    """Return what the section and the procedure say of policies. What steps did is in the body."""
    timeout = _TIMEOUT.search(section.body)
    return {
        "on_error": "allow" if _ALLOW in section.body else "deny",
        "security": str(row["security"]).lower(),
        "timeout": f"{timeout['seconds']}s" if timeout else 0,
    }


def _left_out(others: str) -> Iterator[Finding]:
    if others.strip():
        message = f"others have statements in it, which are left out: {one_line(others)[:200]}"
        remedy = "xtrig leaves them where they are; write steps that do the same if they are to be portable"
        yield Finding("XT402", Severity.WARNING, _ORIGIN, message, remedy, location=Location(_ORIGIN, None))


def _finding(code: str, section: Section, message: str, remedy: str) -> Finding:
    who = f"trigger {section.path[1]!r}"
    return Finding(code, Severity.WARNING, who, message, remedy, location=Location(_ORIGIN, None))


def _plain(name: str) -> str:
    return name.replace("``", "`")
