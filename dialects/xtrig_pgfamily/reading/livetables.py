"""Rows of the catalogs to tables of a definition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice, product
from typing import Any

from xtrig.dialect.deployment import Row
from xtrig.marks import Mark, digest, read_mark
from xtrig.model import Column, Table
from xtrig_pgfamily import objects
from xtrig_pgfamily.objects import Grant
from xtrig_pgfamily.tables import table_columns

_KINDS = {"f": "a foreign table", "v": "a view", "m": "a materialized view"}
# Names of one type each; format_type() knows the first of them only. Source: table 8.1 of the manual.
_ALIASES = (
    ("timestamp with time zone", "timestamptz"),
    ("time with time zone", "timetz"),
    ("timestamp without time zone", "timestamp"),
    ("time without time zone", "time"),
    ("character varying", "varchar"),
    ("bigint", "int8"),
    ("integer", "int", "int4"),
    ("smallint", "int2"),
    ("boolean", "bool"),
    ("double precision", "float8", "float"),
    ("real", "float4"),
    ("numeric", "decimal"),
    ("character", "char"),
    ("bit varying", "varbit"),
)
_TYPE = re.compile(r"(?P<base>[a-z ]+?)(?P<modifier>\(.+\))?(?P<zone> with(out)? time zone)?(?P<array>\[\])?\Z")
_TRIES = 200_000
"""How many columns are written in how many ways, in all, to find those of a mark: a second at most."""


@dataclass(frozen=True, slots=True)
class LiveTable:
    """A table, view or foreign table of the database."""

    schema: str
    name: str
    rows: tuple[Row, ...]
    reader: str | None = None
    """The role that a record of sessions lets read the tables of its set."""

    @property
    def mark(self) -> Mark | None:
        """The mark that it carries; None: xtrig did not make it."""
        return read_mark(self.rows[0]["comment"])

    @property
    def other_kind(self) -> str | None:
        """What it is if it is no table that a definition can create."""
        return _KINDS.get(self.rows[0]["kind"])

    def table(self) -> Table:
        """Return the table; the types as they were written, if its mark tells.

        Raises ValueError for a column that no definition can say.
        """
        columns = {row["column"]: _column(row) for row in self._columns}
        found = self.mark
        if found is not None:
            columns = _as_marked(columns, found, self.reader)
        return Table(columns=columns)

    def columns_alone(self) -> Table:
        """Return the table as one that exists, with its columns where a definition can say them."""
        try:
            return Table(create=False, columns={row["column"]: _column(row) for row in self._columns})
        except ValueError:
            return Table(create=False)

    def unsaid(self) -> Iterator[str]:
        """Yield what of the table no word of a definition says."""
        first = self.rows[0]
        yield from first["constraints"] or ()
        named = {"is_unlogged": "UNLOGGED", "inherits": "INHERITS", "has_options": "WITH"}
        yield from (words for key, words in named.items() if first[key])
        if first["kind"] == "p":
            yield "PARTITION BY"
        if first["key_is_reordered"]:
            yield "the order of the columns in its PRIMARY KEY"
        for row in self._columns:
            if row["identity"] == "d" or _is_serial(row):
                yield f"BY DEFAULT of column {row['column']}: it becomes GENERATED ALWAYS"
            if row["is_generated"]:
                yield f"the expression that column {row['column']} is generated from"
            if row["is_collated"]:
                yield f"COLLATE of column {row['column']}"

    @property
    def _columns(self) -> list[Row]:
        return [row for row in self.rows if row["column"] is not None]


def live_tables(rows: Sequence[Row], reader: str | None = None) -> list[LiveTable]:
    """Return the tables that the rows tell of, those of public first; ``reader`` may read those of the set."""
    grouped = groupby(rows, lambda row: (row["schema"], row["name"]))
    return [LiveTable(schema, name, tuple(group), reader) for (schema, name), group in grouped]


def _column(row: Row) -> Column:
    if '"' in row["type"]:
        raise ValueError(f"column {row['column']} is of type {row['type']}")
    is_numbered = bool(row["identity"]) or _is_serial(row)
    said: dict[str, Any] = {
        "identity": is_numbered or None,
        "primary_key": row["is_key"] or None,
        "nullable": False if row["is_needed"] and not row["is_key"] else None,
        "default": None if is_numbered else row["default"],
    }
    return Column(type=row["type"], **{key: value for key, value in said.items() if value is not None})


def _is_serial(row: Row) -> bool:
    return bool(row["has_sequence"] and (row["default"] or "").startswith("nextval("))


def _as_marked(columns: Mapping[str, Column], mark: Mark, reader: str | None) -> dict[str, Column]:
    """Return the columns with the types that the mark was made of; as the server calls them if none fits."""
    grants = (Grant(reader, "SELECT"),) if reader else ()
    made = table_columns(columns)
    for written in _written(columns):
        typed = tuple(replace(each, type=written[each.name]) for each in made)
        table = objects.Table(path=(), columns=typed, grants=grants, states_grants=bool(reader))
        if digest(table.state) == mark.digest:
            return {name: each.model_copy(update={"type": written[name]}) for name, each in columns.items()}
    return dict(columns)


def _written(columns: Mapping[str, Column]) -> Iterator[Mapping[str, str]]:
    """Yield ways to write the types of all columns: first each type in one way, then each column in its own."""
    tries = _TRIES // max(len(columns), 1)
    types = list(dict.fromkeys(column.type for column in columns.values()))
    for each in islice(product(*map(_spellings, types)), tries):
        chosen = dict(zip(types, each, strict=True))
        yield {name: chosen[column.type] for name, column in columns.items()}
    for each in islice(product(*(_spellings(column.type) for column in columns.values())), tries):
        yield dict(zip(columns, each, strict=True))


def _spellings(kind: str) -> list[str]:
    """Return the ways to write a type that format_type() gives as ``kind``, that first."""
    found = _TYPE.match(kind)
    if found is None:
        return [kind]
    modifier, dimensions = found["modifier"] or "", found["array"] or ""
    full = found["base"] + (found["zone"] or "")
    named = next((aliases for aliases in _ALIASES if full in aliases), (full,))
    modifiers = [modifier, modifier.replace(",", ", "), modifier.replace(",0)", ")")]
    if modifier == "(1)":
        modifiers.append("")
    written = [kind] + [f"{name}{each}{dimensions}" for name in named[1:] + named[:1] for each in modifiers]
    return list(dict.fromkeys([*written, *map(str.upper, written)]))
