"""Existing triggers of a script or a database, for ``xtrig import``: their bodies are kept as they are."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from xtrig.dialect.platform import LiveReader, Results
from xtrig.model import Sessions
from xtrig.plugin import (
    Event,
    Finding,
    Imported,
    Kind,
    Location,
    ReadFunction,
    ReadTrigger,
    Severity,
    tokens,
)
from xtrig_firebird.catalog import QUERIES, objects
from xtrig_firebird.events import DDL_TAGS
from xtrig_firebird.objects import Trigger
from xtrig_firebird.session_record import Record
from xtrig_firebird.words import folded, unfolded

_SESSION = {"ON CONNECT": Event.LOGON, "ON DISCONNECT": Event.LOGOFF}
_TIMING = {"BEFORE": Event.DDL_COMMAND_START, "AFTER": Event.DDL_COMMAND_END}
_NAME = r'(?P<name>"(?:[^"]|"")+"|[A-Za-z][\w$]*)'
_TRIGGER = re.compile(
    rf"(?:CREATE(?:\s+OR\s+ALTER)?|RECREATE)\s+TRIGGER\s+{_NAME}\s+(?P<head>.*?)\bAS\b[ \t]*\n?(?P<body>.*)",
    re.IGNORECASE | re.DOTALL,
)
_ENDED = re.compile(r"\bEND\s*\Z", re.IGNORECASE)
_SPACE = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*", re.DOTALL)
_SET_TERM = re.compile(r"SET\s+TERM(?:INATOR)?\s+(\S+)", re.IGNORECASE)
_FOR_ISQL = re.compile(r"(SET\s+(AUTODDL|BAIL|NAMES|SQL|ECHO)|COMMIT|CONNECT|QUIT|EXIT)\b", re.IGNORECASE)
_KEPT = "its body is kept as it is, for firebird alone"
_REMEDY = "write steps in its place if it is to be portable"


class _Found(NamedTuple):
    """A trigger as a script or the catalogs have it."""

    name: str
    clause: str
    enabled: bool
    position: int
    body: str
    line: int | None


class FirebirdLiveReader(LiveReader):
    """Reads the database and DDL triggers of a database; those of tables are none that a definition could say."""

    def queries(self) -> Sequence[str]:
        """Return the queries of the system tables."""
        return QUERIES

    def sets(self, results: Results) -> Mapping[str | None, int]:
        """Return how many triggers each set has."""
        return Counter(each.mark.set_name if each.mark else None for each in _triggers(results))

    def read(self, results: Results, set_name: str | None, kept: AbstractSet[str]) -> Imported:
        """Return the triggers of one set, or those of none."""
        own = [each for each in _triggers(results) if (each.mark.set_name if each.mark else None) == set_name]
        record = next(filter(None, map(_recorded, own)), None)
        made = [] if record is None else [*map(folded, record.triggers.values())]
        found = [
            _Found(each.path[0], each.clause, each.enabled, each.position, each.body, None)
            for each in own
            if folded(each.path[0]) not in made
        ]
        read = _imported(found, "database")
        # Without schemas, that of the definition is not kept anywhere.
        return read if record is None else read._replace(sessions=(record.set_name, record.sessions))


def _triggers(results: Results) -> list[Trigger]:
    found = [each for each in objects(results) if isinstance(each, Trigger)]
    return [each for each in found if not each.clause.startswith("type ")]


def _recorded(trigger: Trigger) -> Record | None:
    """Return the record of sessions whose login trigger this is; None for any other trigger."""
    if trigger.mark is None or not trigger.definition:
        return None
    try:
        sessions = Sessions.model_validate_json(trigger.definition)
    except ValueError:
        return None
    return Record(trigger.mark.set_name, sessions, ())


def read_script(text: str, name: str) -> Imported:
    """Return the database and DDL triggers that a script makes, and a finding for everything else in it."""
    found: list[_Found] = []
    findings: list[Finding] = []
    for statement, line in _statements(text):
        match = _TRIGGER.match(statement)
        clause = _clause(match["head"]) if match else None
        if match is None or clause is None:
            shown = " ".join(statement.split())[:60]
            message = "it makes no trigger at logon, at logoff or at a command, and is left out"
            place = Location(name, line)
            findings.append(
                Finding(
                    "XT402",
                    Severity.WARNING,
                    f"statement {shown!r}",
                    message,
                    "see whether it is missed",
                    location=place,
                )
            )
            continue
        if not _ENDED.search(match["body"]):
            message = "its body has no END where the statement ends"
            remedy = "write SET TERM ^ ; before it, and ^ behind its END, as isql wants it"
            who = f"trigger {_plain(match['name'])!r}"
            findings.append(Finding("XT403", Severity.ERROR, who, message, remedy, location=Location(name, line)))
            continue
        head = match["head"].upper()
        position = re.search(r"\bPOSITION\s+(\d+)", head)
        enabled = re.search(r"\bINACTIVE\b", head) is None
        where = int(position[1]) if position else 0
        found.append(_Found(_plain(match["name"]), clause, enabled, where, match["body"].strip(), line))
    return _imported(found, name, findings)


def _imported(found: Sequence[_Found], origin: str, findings: Sequence[Finding] = ()) -> Imported:
    """Return triggers with their bodies, in the order in which they fire."""
    triggers, functions, said = [], [], list(findings)
    for each in sorted(found, key=lambda each: (each.position, folded(each.name))):
        event, tags = _event(each.clause)
        place = Location(origin, each.line)
        if event is None:
            message = f"a trigger {each.clause} has no counterpart, and is left out"
            who = f"trigger {each.name!r}"
            said.append(Finding("XT402", Severity.WARNING, who, message, "keep it by hand", location=place))
            continue
        enable = "origin" if each.enabled else "disabled"
        triggers.append(ReadTrigger(each.name, event, (None, each.name), each.line or 0, tags, enable))
        functions.append(ReadFunction(None, each.name, each.line or 0, {}, body=each.body))
        said.append(Finding("XT405", Severity.WARNING, f"trigger {each.name!r}", _KEPT, _REMEDY, location=place))
    return Imported(functions=tuple(functions), triggers=tuple(triggers), findings=tuple(said))


def _event(clause: str) -> tuple[Event | None, tuple[str, ...]]:
    if clause in _SESSION:
        return _SESSION[clause], ()
    timing, _, commands = clause.partition(" ")
    if timing not in _TIMING:
        return None, ()
    return _TIMING[timing], () if commands == "ANY DDL STATEMENT" else tuple(commands.split(" OR "))


def _clause(head: str) -> str | None:
    """Return the clause of a trigger's head as the catalogs order it; None for one of a table."""
    words = " ".join(head.upper().split())
    words = re.sub(r"^(ACTIVE|INACTIVE) ", "", words)
    words = re.sub(r" ?(POSITION \d+|SQL SECURITY \w+|ACTIVE|INACTIVE)(?= |$)", "", words).strip()
    if words in _SESSION or words.startswith("ON TRANSACTION "):
        return words
    timing, _, commands = words.partition(" ")
    named = commands.split(" OR ")
    if timing not in _TIMING or not (commands == "ANY DDL STATEMENT" or set(named) <= set(DDL_TAGS)):
        return None
    if commands == "ANY DDL STATEMENT":
        return words
    return f"{timing} {' OR '.join(tag for tag in DDL_TAGS if tag in named)}"


def _plain(written: str) -> str:
    """Return a name of a script as a definition would write it."""
    return unfolded(written[1:-1].replace('""', '"') if written.startswith('"') else written.upper())


def _statements(text: str) -> Iterator[tuple[str, int]]:
    """Yield each statement with its first line, without what is isql's alone. A terminator in quotes ends nothing."""
    # As in PL/SQL there are literals q'{...}', and comments do not nest.
    quoted = [
        (each.start, each.start + len(each.text))
        for each in tokens(text, plsql=True)
        if each.kind in (Kind.LITERAL, Kind.IDENTIFIER, Kind.COMMENT)
    ]
    terminator, start, line, counted = ";", 0, 1, 0
    while start < len(text):
        spaces = _SPACE.match(text, start)
        start = spaces.end() if spaces else start
        end = _end(text, start, terminator, quoted)
        statement = text[start:end].rstrip()
        line, counted = line + text.count("\n", counted, start), start
        if new := _SET_TERM.match(statement):
            terminator = new[1]
        elif statement and not _FOR_ISQL.match(statement):
            yield statement, line
        start = end + len(terminator)


def _end(text: str, start: int, terminator: str, quoted: Sequence[tuple[int, int]]) -> int:
    at = text.find(terminator, start)
    while at >= 0:
        place = bisect_right(quoted, (at, len(text))) - 1
        if place < 0 or quoted[place][1] <= at:
            return at
        at = text.find(terminator, quoted[place][1])
    return len(text)
