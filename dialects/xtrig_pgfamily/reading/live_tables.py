"""Tables of a live database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from itertools import groupby, islice, product
from typing import Any

from xtrig.dialect.driver import Row
from xtrig.marks import Mark, digest, read_mark
from xtrig.model import Column, Table
from xtrig.plugin import PREFIX, literal
from xtrig_pgfamily import objects
from xtrig_pgfamily.objects import Grant
from xtrig_pgfamily.objects.table import table_columns

TABLES = files(__package__).joinpath("sql", "tables.sql").read_text("utf-8").format(marked=literal(PREFIX + "%"))
"""A row for each column of the tables that xtrig made, or whose names occur in the text of a trigger's function."""

_KINDS = {"f": "a foreign table", "v": "a view", "m": "a materialized view"}
# Names of one type each; format_type() gives the first. Source: table 8.1 of the PostgreSQL manual.
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
"""The limit of columns times spellings that are tried to match a mark; they take one second at most."""


@dataclass(frozen=True, slots=True)
class LiveTable:
    """A table, view or foreign table of the database."""

    schema: str
    name: str
    rows: tuple[Row, ...]
    reader: str | None = None
    """The role with SELECT on the tables of a set that records sessions."""

    @property
    def mark(self) -> Mark | None:
        """The mark that it carries; None: xtrig did not make it."""
        return read_mark(self.rows[0]["comment"])

    @property
    def other_kind(self) -> str | None:
        """Its kind if a definition cannot create it; None for a table."""
        return _KINDS.get(self.rows[0]["kind"])

    def table(self) -> Table:
        """Return the table; with its types as they were written, if its mark can be matched.

        Raises ValueError for a column that a definition cannot express.
        """
        columns = {row["column"]: _column(row) for row in self._columns}
        found = self.mark
        if found is not None:
            columns = _as_marked(columns, found, self.reader)
        return Table(columns=columns)

    def columns_alone(self) -> Table:
        """Return the table with create: false, with its columns if a definition can express them."""
        try:
            return Table(create=False, columns={row["column"]: _column(row) for row in self._columns})
        except ValueError:
            return Table(create=False)

    def unsaid(self) -> Iterator[str]:
        """Yield the properties of the table that a definition cannot express."""
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
    """Return the tables of the rows, those of public first; ``reader`` is as in :class:`LiveTable`."""
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
    """Return the columns with the types that the digest of a mark was made of, else with the server's names."""
    grants = (Grant(reader, "SELECT"),) if reader else ()
    made = table_columns(columns)
    for written in _written(columns):
        typed = tuple(replace(each, type=written[each.name]) for each in made)
        table = objects.Table(path=(), columns=typed, grants=grants, states_grants=bool(reader))
        if digest(table.state) == mark.digest:
            return {name: each.model_copy(update={"type": written[name]}) for name, each in columns.items()}
    return dict(columns)


def _written(columns: Mapping[str, Column]) -> Iterator[Mapping[str, str]]:
    """Yield spellings of all types: first the same spelling for each type, then one for each column."""
    tries = _TRIES // max(len(columns), 1)
    types = list(dict.fromkeys(column.type for column in columns.values()))
    for each in islice(product(*map(_spellings, types)), tries):
        chosen = dict(zip(types, each, strict=True))
        yield {name: chosen[column.type] for name, column in columns.items()}
    for each in islice(product(*(_spellings(column.type) for column in columns.values())), tries):
        yield dict(zip(columns, each, strict=True))


def _spellings(kind: str) -> list[str]:
    """Return the spellings of a type, first ``kind``, which is that of format_type()."""
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
