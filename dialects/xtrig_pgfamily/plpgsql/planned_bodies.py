"""The queries of a hand-written PL/pgSQL body, as PostgreSQL's own parser finds them, for :mod:`planned`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any, NamedTuple

from xtrig.plugin import Lines
from xtrig_pgfamily.words import name

_OTHERWISE_NAMED = re.compile(r"<<\s*\w+\s*>>|search_path|\bset\s+schema\b", re.IGNORECASE)
"""What lets a name mean another thing where it stands than in a block of its own."""
MAKES = re.compile(r"\b(create|execute)\b", re.IGNORECASE)
"""What may make a table that later steps use."""
_ASKS = re.compile(r"to_reg|undefined_|pg_(class|proc|namespace|extension|tables)\b|information_schema", re.IGNORECASE)
"""How a text finds out whether something is there before it uses it."""
_INSERT = re.compile(r"\s*insert\b", re.IGNORECASE)
_DIRECTIVE = re.compile(r"^\s*#\w+\s+\w+", re.MULTILINE)
_OWN = ("found", "tg_event", "tg_tag", "sqlstate", "sqlerrm")


class BodyQuery(NamedTuple):
    """A query; with a ``record`` it is the one that gives the record its fields."""

    sql: str
    line: int
    record: str = ""


class ReadBody(NamedTuple):
    """What a body declares, what it asks, and what of the errors are none there."""

    directives: list[str]
    declared: Lines
    queries: list[BodyQuery]
    ignored: tuple[str, ...]


class Row(NamedTuple):
    """A row: the quoted name of its table, and the INSERT that writes it."""

    table: str
    insert: str


def row_of(sql: str) -> Row | None:
    """Return the row that an INSERT writes, without its conflicts; that of a query has NULL in its columns."""
    if _INSERT.match(sql) is None or find_spec("postgast") is None:
        return None
    from xtrig_pgfamily.reading.parser import Unparsed, parse_one, row_text  # noqa: PLC0415  # an extra

    try:
        parsed = parse_one(sql)
    except Unparsed:
        return None
    if parsed.kind != "insert_stmt":
        return None
    filled = parsed.node.relation
    return Row(".".join(map(name, filter(None, (filled.schemaname, filled.relname)))), row_text(parsed.node))


def read_body(text: str) -> ReadBody | None:
    """Return what a body asks; None if it cannot be read, or names in it mean something else at other places."""
    if find_spec("postgast") is None or _OTHERWISE_NAMED.search(text):
        return None
    from xtrig_pgfamily.reading.parser import SyntaxProblem, Unparsed, parse_body  # noqa: PLC0415  # an extra

    try:
        datums, block = parse_body(text)
    except (SyntaxProblem, Unparsed):
        return None
    ignored: tuple[str, ...] = ("undefined_table",) if MAKES.search(text) else ()
    if _ASKS.search(text):
        ignored = ("undefined_table", "undefined_function", "undefined_column", "undefined_object")
        ignored = (*ignored, "invalid_schema_name")
    return ReadBody(_DIRECTIVE.findall(text), list(_declared(datums)), list(_queries(block, 1)), ignored)


def _declared(datums: list[Any]) -> Iterator[str]:
    seen = set(_OWN)
    for datum in datums:
        ((kind, fields),) = datum.items()
        variable = fields.get("refname", "")
        if kind not in ("PLpgSQL_var", "PLpgSQL_rec") or variable in seen:
            continue
        seen.add(variable)
        type_name = fields["datatype"]["PLpgSQL_type"]["typname"] if kind == "PLpgSQL_var" else "record"
        yield f"{name(variable)} {type_name};"


def _queries(node: Any, line: int) -> Iterator[BodyQuery]:
    from xtrig_pgfamily.reading.parser import as_statement  # noqa: PLC0415  # an extra

    if isinstance(node, list):
        for each in node:
            yield from _queries(each, line)
    if not isinstance(node, dict):
        return
    here = node.get("lineno", line)
    source = node.get("query") or node.get("sqlstmt")
    record = (node.get("var") or node.get("target") or {}).get("PLpgSQL_rec")
    if record is not None and isinstance(source, dict):
        yield BodyQuery(source["PLpgSQL_expr"]["query"], here, record["refname"])
    if "query" in node and "parseMode" in node:
        yield BodyQuery(as_statement(node["query"], node["parseMode"]), here)
        return
    for key, each in node.items():
        if key not in ("var", "target", "cursor_explicit_expr"):
            yield from _queries(each, here)
