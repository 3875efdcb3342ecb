"""``xtrig import --url`` of init_connect: sections of xtrig's become triggers, with their procedures as they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby

from xtrig.dialect.driver import Row
from xtrig.dialect.platform import LiveReader, Results
from xtrig.model import Column, Table
from xtrig.plugin import (
    Event,
    Finding,
    Imported,
    Location,
    ReadFunction,
    ReadTable,
    ReadTrigger,
    Severity,
    one_line,
    read_mark,
)
from xtrig_mariadb.objects import Section, called, parted
from xtrig_mariadb.words import COLUMN_TYPES

_TIMEOUT = re.compile(r"SESSION max_statement_time = (?P<seconds>\d+)")
_ALLOW = "DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END;"
_ORIGIN = "init_connect"
_TYPES = {live: wanted for wanted, live in COLUMN_TYPES.items() if "{}" not in live}
_SIZED = {live.removesuffix("({})"): wanted.removesuffix("()") for wanted, live in COLUMN_TYPES.items() if "{}" in live}


class MariaDBLiveReader(LiveReader):
    """Reads what the server runs at logon. What others have in the variable is named, and stays beside the triggers."""

    def queries(self) -> Sequence[str]:
        """Return the queries."""
        return (
            "SELECT @@GLOBAL.init_connect AS init_connect",
            "SELECT ROUTINE_SCHEMA AS home, ROUTINE_NAME AS name, ROUTINE_DEFINITION AS body, SECURITY_TYPE AS security"
            " FROM information_schema.ROUTINES WHERE ROUTINE_TYPE = 'PROCEDURE'",
            "SELECT c.TABLE_SCHEMA AS home, c.TABLE_NAME AS name, c.COLUMN_NAME AS col, c.COLUMN_TYPE AS type,"
            " c.IS_NULLABLE AS nullable, c.EXTRA AS extra, c.COLUMN_KEY AS place, c.COLUMN_DEFAULT AS filled,"
            " t.TABLE_COMMENT AS comment FROM information_schema.COLUMNS AS c"
            " JOIN information_schema.TABLES AS t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME"
            " WHERE t.TABLE_COMMENT LIKE 'xtrig:%' ORDER BY home, name, c.ORDINAL_POSITION",
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
            path = next(iter(called(each.body)), ("", ""))
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
        tables = tuple(_tables(results[2], set_name))
        return Imported(tables, tuple(functions.values()), tuple(triggers), findings=tuple(said))


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


def _tables(rows: Sequence[Row], set_name: str | None) -> Iterator[ReadTable]:
    """Yield the tables of a set, but those with what cannot be said: a default, or a type of somebody's own."""
    for (home, table, comment), found in groupby(rows, key=lambda row: (row["home"], row["name"], row["comment"])):
        mark = read_mark(comment)
        columns = {str(row["col"]): _column(row) for row in found}
        made = {name: column for name, column in columns.items() if column is not None}
        if mark is not None and mark.set_name == set_name and len(made) == len(columns):
            yield ReadTable(home, table, Table(columns=made), 0)


def _column(row: Row) -> Column | None:
    word, _, size = str(row["type"]).partition("(")
    type_ = _TYPES.get(str(row["type"])) or (f"{_SIZED[word]}({size}" if word in _SIZED else None)
    if type_ is None or row["filled"] not in (None, "NULL"):
        return None
    is_key, is_counted = row["place"] == "PRI", "auto_increment" in row["extra"]
    required = row["nullable"] == "NO" and not is_key and not is_counted
    return Column(type=type_, primary_key=is_key, identity=is_counted, nullable=not required)


def _left_out(others: str) -> Iterator[Finding]:
    if others.strip():
        message = f"others have statements in it, which are left out: {one_line(others)[:200]}"
        remedy = "xtrig leaves them where they are; write steps that do the same if they are to be portable"
        yield Finding("XT402", Severity.WARNING, _ORIGIN, message, remedy, location=Location(_ORIGIN, None))


def _finding(code: str, section: Section, message: str, remedy: str) -> Finding:
    who = f"trigger {section.path[1]!r}"
    return Finding(code, Severity.WARNING, who, message, remedy, location=Location(_ORIGIN, None))
