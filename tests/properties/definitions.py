"""Random definitions over the whole model, as the Python data that a YAML file would give."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.properties.steps import DIALECTS, NARROW, TYPES, Data, Draw, Place, draw_steps
from xtrig.facts import Event

SCHEMAS = ("public", "audit", 'Odd "S"')
TABLES = ("log", "User", "select", 'a "b".c', "é%s", "$$")
COLUMNS = ("id", "who", "User", "select", 'a "b"', "é", "%s:n")
FUNCTIONS = ("record", "Check It", "end", "both")
TRIGGERS = ("a_first", "b", "Z", "on login", 'odd "one"', "é$$", "both")
EXEMPT = ("breakglass", 'Odd "Role"', "it's")
TAGS = {
    Event.DDL_COMMAND_START: ("CREATE TABLE", "alter  table", "DROP TABLE", "CREATE VIEW", "GRANT"),
    Event.DDL_COMMAND_END: ("CREATE TABLE", "ALTER TABLE", "DROP TABLE", "COMMENT"),
    Event.SQL_DROP: ("DROP TABLE", "ALTER TABLE", "DROP VIEW"),
    Event.TABLE_REWRITE: ("ALTER TABLE", "ALTER TYPE"),
}
GROUPS = (
    *((frozenset({Event.LOGON}),) * 4),
    frozenset({Event.LOGOFF}),
    frozenset({Event.LOGON, Event.LOGOFF}),
    *(frozenset({event}) for event in Event if not event.is_session),
    frozenset({Event.DDL_COMMAND_START, Event.DDL_COMMAND_END}),
    frozenset({Event.LOGON, Event.DDL_COMMAND_END}),
)
"""The events that run one function."""


@st.composite
def definitions(draw: Draw, *, sound: bool, may_deny: bool = False) -> Data:
    """Return a definition; a sound one holds no step that fails, and any other lets its errors pass at logon."""
    tables = _tables(draw, sound)
    given: Data = {"schema": _one(draw, *SCHEMAS), "tables": tables, "functions": {}, "triggers": {}}
    if not sound:
        given["tables"] = tables | {"missing": {"create": False, "schema": "nowhere"}}
    names = iter(draw(st.permutations(TRIGGERS)))
    for function in draw(st.lists(st.sampled_from(FUNCTIONS), max_size=2, unique=True)):
        events = _one(draw, *GROUPS)
        given["functions"][function] = _function(draw, tables, events, sound, may_deny)
        for event in sorted(events) * draw(st.integers(1, 2)):
            if name := next(names, None):
                given["triggers"][name] = _trigger(draw, event) | {"run": function}
    for name, _ in zip(names, range(draw(st.integers(0 if given["triggers"] else 1, 2))), strict=False):
        event = _one(draw, Event.LOGON, Event.LOGON, *Event)
        own = _function(draw, tables, frozenset({event}), sound, may_deny)
        given["triggers"][name] = _trigger(draw, event) | own
    if _one(draw, True, False):
        given["defaults"] = _policies(draw, sound=sound, spoken=False)
    return given


def _one(draw: Draw, *choices: Any) -> Any:
    return draw(st.sampled_from(choices))


def _tables(draw: Draw, sound: bool) -> Data:
    tables: Data = {}
    for name in draw(st.lists(st.sampled_from(TABLES), max_size=2, unique=True)):
        columns = {column: _column(draw, sound) for column in draw(_SOME_COLUMNS)}
        tables[name] = {"columns": columns} | _one(draw, {}, {}, {"schema": _one(draw, *SCHEMAS)})
    return tables


_SOME_COLUMNS = st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=4, unique=True)


def _column(draw: Draw, sound: bool) -> Data:
    kind = _one(draw, *TYPES, *(() if sound else NARROW))
    column: Data = {"type": kind}
    if kind in ("bigint", "integer", "smallint"):
        column |= _one(draw, {}, {"identity": True}, {"identity": True, "primary_key": True}, {"default": "1 + 1"})
    if not column.get("identity"):
        column |= _one(draw, {}, {}, {"nullable": False})
    return column


def _function(draw: Draw, tables: Data, events: frozenset[Event], sound: bool, may_deny: bool) -> Data:
    spoken = len({event.is_session for event in events}) > 1
    policies = _policies(draw, sound=sound, spoken=spoken, strict=Event.LOGON in events)
    if draw(st.integers(0, 9)) == 0 and Event.LOGOFF not in events:
        body = _one(draw, "BEGIN\n  NULL;\nEND", "\nDECLARE n text; BEGIN n := tg_event; END;\n")
        return policies | {"body": dict.fromkeys(DIALECTS, body)}
    place = Place(draw, tables, events, sound, may_deny=may_deny)
    return policies | {"steps": draw_steps(place.at(None))} | _one(draw, {}, {}, {"schema": _one(draw, *SCHEMAS)})


def _policies(draw: Draw, *, sound: bool, spoken: bool, strict: bool = True) -> Data:
    """Draw some policies; ``spoken`` says what an error does, and only a sound function denies for one at logon."""
    drawn: Data = {
        "security": _one(draw, None, "definer", *(() if sound else ("invoker",))),
        "on_error": _one(draw, *(() if spoken else (None,)), "allow", *(("deny",) if sound or not strict else ())),
        "standby": _one(draw, None, None, "skip", "run"),
        "lock_timeout": _one(draw, None, None, 0, "100ms", "1min"),
        "timeout": _one(draw, None, None, 0, "20s", "1min"),
        "durability": _one(draw, None, None, "full", "relaxed"),
        "exempt_roles": _one(draw, None, None, [], draw(st.lists(st.sampled_from(EXEMPT), max_size=2))),
        "language": _one(draw, None, None, "native", "plpgsql"),
    }
    return {policy: value for policy, value in drawn.items() if value is not None}


def _trigger(draw: Draw, event: Event) -> Data:
    trigger: Data = {"event": str(event), "enable": _one(draw, "origin", "origin", "always", "replica", "disabled")}
    if event in TAGS and _one(draw, True, False):
        trigger["tags"] = draw(st.lists(st.sampled_from(TAGS[event]), min_size=1, max_size=2))
    if event is Event.LOGOFF or _one(draw, False, False, True):
        trigger["if_unsupported"] = _one(draw, "infer", "infer", "skip")
    return trigger
