"""Rows of the catalogs to found objects, each with the statements that bring it back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import md5
from itertools import groupby

from xtrig.dialect.deployment import COMMENT, Found
from xtrig.dialect.driver import Row
from xtrig.marks import read_mark
from xtrig.plugin import ObjectKind, Part, Statement
from xtrig_pgfamily import statements
from xtrig_pgfamily.words import name

_MODIFIERS = re.compile(r"\([\d, ]+\)")
_NUMBERS = re.compile(r"(?<=[(, ])\d+(?=[), ])")
_UNWRITTEN = {("numeric", 1): ["0"], ("character", 0): ["1"], ("bit", 0): ["1"]}
"""Modifiers that the server adds to those that are written, by the type and how many are."""

Quoted = Callable[[str], str]
"""Writes a name as an identifier; a vendor of the family that reserves other words gives its own."""

_STATES = {letter: state for state, (letter, _) in statements.STATES.items()}


def read_triggers(rows: Iterable[Row], quoted: Quoted = name) -> Iterator[Found]:
    """Yield every event trigger of the database."""
    for row in rows:
        called = quoted(row["name"])
        function = f"{quoted(row['function_schema'])}.{quoted(row['function_name'])}"
        tags = [tag for tag in (row["tags"] or "").split(", ") if tag]
        state = statements.trigger_state(row["event"], function, tags, _STATES[row["enabled"]])
        mark = read_mark(row["comment"])
        if mark is not None and mark.witness:
            state = {**state, COMMENT: mark.witness}
        yield Found(
            ObjectKind.TRIGGER,
            called,
            state,
            row["owner"],
            mark,
            row["comment"],
            tuple(restore_trigger(called, state, row["comment"], row["owner"])),
        )


def restore_trigger(called: str, state: Mapping[str, str], comment: str | None, owner: str) -> Iterator[Statement]:
    """Yield what makes an event trigger just as it was."""
    yield from statements.make_event_trigger(called, state)
    yield Statement(statements.comment("EVENT TRIGGER", called, comment), "")
    yield Statement(statements.give("EVENT TRIGGER", called, owner), "")


def read_functions(rows: Iterable[Row], quoted: Quoted = name) -> Iterator[Found]:
    """Yield functions."""
    for row in rows:
        called = f"{quoted(row['schema'])}.{quoted(row['name'])}"
        signature = f"{called}({row['arguments']})"
        called = signature if row["arguments"] else called
        state = {
            "language": row["language"],
            "security": "definer" if row["is_definer"] else "invoker",
            "settings": row["settings"] or "",
            "body": row["body"],
            "grants": row["grants"] or "",
        }
        restore = (
            Statement((row["definition"] or "").rstrip(), f"Function {called} as it was"),
            Statement(statements.comment("FUNCTION", signature, row["comment"]), ""),
            Statement(statements.give("FUNCTION", signature, row["owner"]), ""),
            # PUBLIC may execute a function that is new.
            Statement(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC", ""),
            *(Statement(statements.grant(line, f"FUNCTION {signature}"), "") for line in state["grants"].splitlines()),
        )
        yield Found(
            ObjectKind.FUNCTION,
            called,
            state,
            row["owner"],
            read_mark(row["comment"]),
            row["comment"],
            restore,
        )


def read_tables(
    rows: Sequence[Row], types: Sequence[Row], parts: Sequence[Part], quoted: Quoted = name
) -> Iterator[Found]:
    """Yield tables; a type that the definition writes in another way than the server is given as written."""
    written = {row["written"]: row["type"] for row in types}
    wanted = {part.name: part.state for part in parts if part.kind is ObjectKind.TABLE}
    views = {part.name: part for part in parts if part.kind is ObjectKind.VIEW}
    for _, group in groupby(rows, lambda row: (row["schema"], row["name"])):
        columns = list(group)
        first = columns[0]
        called = f"{quoted(first['schema'])}.{quoted(first['name'])}"
        is_table = first["kind"] in ("r", "p")
        if first["kind"] == "v" and called not in wanted:
            yield _view(called, first, views.get(called))
            continue
        state = dict(_columns(columns, wanted.get(called, {}), written)) if is_table else {"kind": first["kind"]}
        state["grants"] = first["grants"] or ""
        comment = first["comment"]
        restore = (Statement(statements.comment("TABLE", called, comment), ""),)
        yield Found(ObjectKind.TABLE, called, state, first["owner"], read_mark(comment), comment, restore)


def _view(called: str, row: Row, part: Part | None) -> Found:
    """Return a view; whether it is still what was made is known by the server's own words for it at that time."""
    mark = read_mark(row["comment"])
    definition, grants = row["definition"] or "", row["grants"] or ""
    is_as_made = mark is not None and mark.witness == md5(definition.encode(), usedforsecurity=False).hexdigest()
    is_wanted = is_as_made and part is not None and part.mark is not None and mark == part.mark
    state = {"definition": part.state["definition"] if is_wanted and part else definition, "grants": grants}
    restore = (
        Statement(statements.drop("VIEW", called), ""),
        Statement(f"CREATE VIEW {called} AS\n{definition.rstrip(';')}", f"View {called} as it was"),
        Statement(statements.comment("VIEW", called, row["comment"]), ""),
        Statement(statements.give("VIEW", called, row["owner"]), ""),
        *(Statement(statements.grant(line, called), "") for line in grants.splitlines()),
    )
    return Found(
        ObjectKind.VIEW, called, state, row["owner"], mark, row["comment"], restore, is_tampered=not is_as_made
    )


def _columns(rows: Sequence[Row], wanted: Mapping[str, str], written: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for row in rows:
        if row["column"] is None:
            continue
        key = f"column {row['column']}"
        suffix = statements.NEEDED if row["is_needed"] else ""
        asked = wanted.get(key, "").removesuffix(statements.NEEDED)
        same = is_same_type(asked, written.get(asked), row["type"])
        yield key, (asked if same else row["type"]) + suffix


def is_same_type(asked: str, meant: str | None, live: str) -> bool:
    """Whether ``live`` is the type that a definition writes as ``asked``, which the server knows as ``meant``.

    Before 17 a server cannot say what the modifiers of ``asked`` come to, so ``meant`` comes without them.
    """
    wanted, found = _NUMBERS.findall(asked), _NUMBERS.findall(live)
    if meant == live and (found or not wanted):
        return True
    same_numbers = found in (wanted, wanted + _UNWRITTEN.get((meant or "", len(wanted)), []))
    return same_numbers and meant == _MODIFIERS.sub("", live)


def read_roles(rows: Iterable[Row], quoted: Quoted = name) -> Iterator[Found]:
    """Yield roles."""
    for row in rows:
        called, comment = quoted(row["name"]), row["comment"]
        yield Found(ObjectKind.ROLE, called, {}, row["name"], read_mark(comment), comment)


def read_schemas(rows: Iterable[Row], quoted: Quoted = name) -> Iterator[Found]:
    """Yield schemas."""
    for row in rows:
        comment = row["comment"]
        yield Found(ObjectKind.SCHEMA, quoted(row["name"]), {}, row["owner"], read_mark(comment), comment)
