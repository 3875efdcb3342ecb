"""Rows of the catalogs to found objects, each with the statements that bring it back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from xtrig.dialect.deployment import Found, Row
from xtrig.marks import read_mark
from xtrig.plugin import ObjectKind, Part, Statement
from xtrig_postgresql import statements
from xtrig_postgresql.words import name, qualified

_STATES = {letter: state for state, (letter, _) in statements.STATES.items()}


def read_triggers(rows: Iterable[Row]) -> Iterator[Found]:
    """Yield every event trigger of the database."""
    for row in rows:
        called = name(row["name"])
        function = qualified(row["function_schema"], row["function_name"])
        tags = [tag for tag in (row["tags"] or "").split(", ") if tag]
        state = statements.trigger_state(row["event"], function, tags, _STATES[row["enabled"]])
        yield Found(
            ObjectKind.TRIGGER,
            called,
            state,
            row["owner"],
            read_mark(row["comment"]),
            row["comment"],
            tuple(restore_trigger(called, state, row["comment"], row["owner"])),
        )


def restore_trigger(called: str, state: Mapping[str, str], comment: str | None, owner: str) -> Iterator[Statement]:
    """Yield what makes an event trigger just as it was."""
    yield from statements.make_event_trigger(called, state)
    yield Statement(statements.comment("EVENT TRIGGER", called, comment), "")
    yield Statement(statements.give("EVENT TRIGGER", called, owner), "")


def read_functions(rows: Iterable[Row]) -> Iterator[Found]:
    """Yield functions."""
    for row in rows:
        called = qualified(row["schema"], row["name"])
        state = {
            "language": row["language"],
            "security": "definer" if row["is_definer"] else "invoker",
            "settings": row["settings"] or "",
            "body": row["body"],
        }
        restore = (
            Statement((row["definition"] or "").rstrip(), f"Function {called} as it was"),
            Statement(statements.comment("FUNCTION", f"{called}()", row["comment"]), ""),
            Statement(statements.give("FUNCTION", f"{called}()", row["owner"]), ""),
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


def read_tables(rows: Sequence[Row], types: Sequence[Row], parts: Sequence[Part]) -> Iterator[Found]:
    """Yield tables; a type that the definition writes in another way than the server is given as written."""
    written = {row["written"]: row["type"] for row in types}
    wanted = {part.name: part.state for part in parts if part.kind is ObjectKind.TABLE}
    for _, group in groupby(rows, lambda row: (row["schema"], row["name"])):
        columns = list(group)
        first = columns[0]
        called = qualified(first["schema"], first["name"])
        is_table = first["kind"] in ("r", "p")
        state = dict(_columns(columns, wanted.get(called, {}), written)) if is_table else {"kind": first["kind"]}
        comment = first["comment"]
        restore = (Statement(statements.comment("TABLE", called, comment), ""),)
        yield Found(ObjectKind.TABLE, called, state, first["owner"], read_mark(comment), comment, restore)


def _columns(rows: Sequence[Row], wanted: Mapping[str, str], written: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for row in rows:
        if row["column"] is None:
            continue
        key = f"column {row['column']}"
        suffix = statements.NEEDED if row["is_needed"] else ""
        asked = wanted.get(key, "").removesuffix(statements.NEEDED)
        same = written.get(asked) == row["type"]
        yield key, (asked if same else row["type"]) + suffix


def read_schemas(rows: Iterable[Row]) -> Iterator[Found]:
    """Yield schemas."""
    for row in rows:
        comment = row["comment"]
        yield Found(ObjectKind.SCHEMA, name(row["name"]), {}, row["owner"], read_mark(comment), comment)
