"""Random steps: sound ones, which cannot fail for an ordinary role, and faulty ones, which may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from tests.properties.typed import MOMENT, NUMBER, TEXT, TRUTH, Facts, expressions, known, messages
from xtrig.facts import Event, Item

Draw = Callable[[st.SearchStrategy[Any]], Any]
Data = dict[str, Any]

DIALECTS = ("postgresql", "polardb", "polardb-oracle")
ROLES = ("team", 'Odd "Team"')
TYPES = {TEXT: TEXT, "character varying": TEXT, "bigint": NUMBER, "numeric(20, 2)": NUMBER, "integer": NUMBER}
TYPES |= {"boolean": TRUTH, "timestamptz": MOMENT, "timestamp with time zone": MOMENT}
NARROW = {"varchar(2)": TEXT, "smallint": NUMBER, "date": MOMENT, "uuid": TEXT, "text[]": TEXT}
"""Types whose values may not fit."""

NEVER = ("false", "${login_user} = 'nobody else'", "${backend_pid} < 0", "NOT (${login_user} IS NOT NULL)")
FAULTY_FOR_ALL: tuple[Data, ...] = (
    {"call": "tools.missing", "args": ["${login_user}"]},
    {"call": "nowhere.proc", "kind": "procedure"},
    {"set": "nodot", "value": "'x'"},
    {"set": "a b.c", "value": 1},
    {"set": "app.at", "value": "${now} - 7"},
    {"sql": "DELETE FROM tools.existing WHERE whom = ${login_user}"},
    {"create_temp_table": "own", "columns": {"a": "no_such_type"}},
    {"insert": "missing", "values": {"a": 1}},
)
"""Steps that fail whatever the values are, also where nobody who rehearses runs them."""
FAULTY: tuple[Data, ...] = (
    *FAULTY_FOR_ALL,
    {"set": "work_mem", "value": "${login_user}"},
    {"set": "app.share", "value": "1 / (${backend_pid} - ${backend_pid})"},
    {"sql": "ASSERT false, 'never'"},
    {"sql": "RAISE EXCEPTION 'no %', ${login_user}"},
    {"sql": "PERFORM (${login_user})::integer"},
    {"sql": "COMMIT"},
    {"sql": "PERFORM pg_catalog.pg_cancel_backend(${backend_pid})"},
    {"sql": "SET CONSTRAINTS nothing IMMEDIATE"},
    {"grant_role": "team", "to": "'nobody'"},
    {"grant_role": "team", "to": "NULL"},
    {"revoke_role": "team", "from": "'team' || 'x'"},
    {"create_temp_table": "own", "columns": {"a": "text"}, "owner": "'nobody'"},
)
"""Steps that pass every check and fail at run time."""

STATEMENTS = (
    "NULL",
    "NULL;",
    "PERFORM pg_catalog.length(${login_user})",
    "PERFORM tools.touch(${event}) -- a note",
    "IF ${backend_pid} > 0 THEN NULL; END IF",
    "INSERT INTO tools.existing (who) VALUES (${login_user})",
)


@dataclass(frozen=True)
class Place:
    """Where a step stands. ``tables`` are the definition's, by name."""

    draw: Draw
    tables: Data
    events: frozenset[Event]
    sound: bool
    item: Item | None = None
    depth: int = 2
    may_deny: bool = False
    facts: Facts = field(default_factory=frozenset)

    def at(self, item: Item | None) -> Place:
        """Return the place inside an item, or outside."""
        return replace(self, item=item, facts=known(self.events, item), depth=self.depth - (item is not None))

    def expression(self, kind: str) -> str:
        """Draw an expression."""
        return str(self.draw(expressions(kind, self.facts)))

    def one(self, *choices: Any) -> Any:
        """Draw one of some values."""
        return self.draw(st.sampled_from(choices))


def draw_steps(place: Place, most: int = 4) -> list[Data]:
    """Draw a list of steps."""
    return [draw_step(place) for _ in range(place.draw(st.integers(1, most)))]


def draw_step(place: Place) -> Data:
    """Draw a step, conditional or not."""
    kinds = ["log", "set", "call", "sql", "deny", "role", *(["insert"] * 3 if place.tables else [])]
    if all(event.is_session for event in place.events):
        kinds.append("temp")  # a command that fires the trigger again would do so for ever
    if place.depth:
        kinds += ["if", "if"]
        if place.item is None and (items := [item for item in Item if place.events == {item.event}]):
            return draw_for_each(place, items[0]) if place.one(True, False) else _STEPS[place.one(*kinds)](place)
    if not place.sound and place.one(True, False):
        seldom = {"when": "${login_user} = 'ordinary'"}  # not the one who deploys, and not the role without rights
        return place.one(dict(place.one(*FAULTY)), dict(place.one(*FAULTY_FOR_ALL)) | seldom)
    return _STEPS[place.one(*kinds)](place)


def draw_for_each(place: Place, item: Item) -> Data:
    step = {"for_each": str(item), "do": draw_steps(place.at(item), 2)}
    return _conditional(place, step)


def _conditional(place: Place, step: Data) -> Data:
    return step | ({"when": place.expression(TRUTH)} if place.one(True, False) else {})


def _insert(place: Place) -> Data:
    table = place.one(*place.tables)
    columns = place.tables[table]["columns"]
    values: Data = {}
    for name, column in columns.items():
        needed = not column.get("nullable", True) and not column.get("identity") and "default" not in column
        if not column.get("identity") and (needed or place.one(True, False)):
            values[name] = _value(place, column)
    if not values:
        return _log(place)
    return _conditional(place, {"insert": table, "values": values})


def _value(place: Place, column: Data) -> Any:
    kind = (TYPES | NARROW)[column["type"]]
    expression = place.expression(kind)
    if not column.get("nullable", True):
        sure = {TEXT: "'-'", NUMBER: "0", TRUTH: "false", MOMENT: "now()"}[kind]
        return f"coalesce({expression}, {sure})"
    plain = {NUMBER: (1, -2), TRUTH: (True, False)}.get(kind, ())
    return place.one(expression, expression, None, *plain)


def _deny(place: Place) -> Data:
    message = place.draw(messages(place.facts))
    if not place.may_deny and Event.LOGON in place.events:
        return {"deny": message, "when": place.one(*NEVER)}
    return _conditional(place, {"deny": message})


def _log(place: Place) -> Data:
    return _conditional(place, {"log": place.draw(messages(place.facts))})


def _set(place: Place) -> Data:
    value = place.one(None, True, 1, 2.5, place.expression(TEXT), place.expression(NUMBER))
    step = place.one({"set": "app.user", "value": value}, {"set": "work_mem", "value": "'4MB'"})
    return _conditional(place, step | {"scope": place.one("session", "transaction")})


def _call(place: Place) -> Data:
    arguments = place.one([], ["${login_user}"], ["${event}"])
    return _conditional(place, {"call": "tools.touch", "args": arguments} if place.one(True, False) else PROCEDURE)


PROCEDURE = {"call": "tools.proc", "args": ["${login_user}"], "kind": "procedure"}


def _sql(place: Place) -> Data:
    text = place.one(*STATEMENTS)
    return _conditional(
        place, {"sql": place.one(text, dict.fromkeys(("postgresql", "polardb", "polardb-oracle"), text))}
    )


def _role(place: Place) -> Data:
    kind, key = place.one(("grant_role", "to"), ("revoke_role", "from"))
    return _conditional(place, {kind: place.one(*ROLES), key: "${login_user}"})


def _temp(place: Place) -> Data:
    columns = {"a": "text", 'B "c"': {"type": "bigint", "identity": True}, "é": {"type": "integer", "default": "1 + 1"}}
    step = {"create_temp_table": place.one("own", 'Own "T"'), "columns": columns}
    return _conditional(place, step | place.one({}, {"owner": "${login_user}"}))


def _if(place: Place) -> Data:
    inner = replace(place, depth=place.depth - 1)
    step: Data = {"if": place.expression(TRUTH), "then": draw_steps(inner, 2)}
    return step | ({"else": draw_steps(inner, 2)} if place.one(True, False) else {})


_STEPS: dict[str, Callable[[Place], Data]] = {
    "insert": _insert,
    "deny": _deny,
    "log": _log,
    "set": _set,
    "call": _call,
    "sql": _sql,
    "role": _role,
    "temp": _temp,
    "if": _if,
}
