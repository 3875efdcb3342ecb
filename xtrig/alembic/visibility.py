"""What autogenerate sees of xtrig's tables: nothing, or it would propose to drop them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xtrig.alembic.registration import current
from xtrig.connect import READING, Where, database_errors, open_place
from xtrig.deploy.target import recognised
from xtrig.marks import read_mark

IncludeObject = Callable[[Any, str | None, Any, bool, Any], bool]
"""Alembic's ``include_object``: object, name, type, whether it was read from the database, what it is compared with."""

_DEFAULT_SCHEMA = "public"
"""The schema of a table for which SQLAlchemy names none: that of a set which names none, too."""

_parts: set[tuple[str, str]] = set()
"""Schema and name of the tables that are parts of marked ones; a mark is all that Alembic shows of a table."""


def look_for_parts(where: Where, dialect: str | None) -> None:
    """Ask the database which tables are parts of marked ones, as partitions are, for :func:`include_object`."""
    _parts.clear()
    with open_place(where, dialect) as place, database_errors(READING), place.session.reading():
        query = recognised(place.session, dialect).platform.parts
        if query:
            _parts.update((row["schema"], row["name"]) for row in place.session.rows(query))


def include_object(object_: Any, name: str | None, type_: Any, reflected: bool, compare_to: Any) -> bool:
    """Whether autogenerate is to look at an object: not at a table that carries a mark, or that a set creates.

    So an application may have a model of such a table. Pass it to ``context.configure(include_object=...)``.
    """
    if type_ != "table":
        return True
    live = object_ if reflected else compare_to
    schema = object_.schema or _DEFAULT_SCHEMA
    if live is not None and (read_mark(live.comment) is not None or (schema, name) in _parts):
        return False
    return not any(
        table.create and table_name == name and (table.schema_ or each.schema_) == schema
        for each in current().sets
        for table_name, table in each.tables.items()
    )


def hiding(other: IncludeObject) -> IncludeObject:
    """Return an ``include_object`` that asks :func:`include_object` first, then ``other``."""

    def both(object_: Any, name: str | None, type_: Any, reflected: bool, compare_to: Any) -> bool:
        seen = include_object(object_, name, type_, reflected, compare_to)
        return seen and other(object_, name, type_, reflected, compare_to)

    return both
