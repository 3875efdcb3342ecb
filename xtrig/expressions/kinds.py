"""Kinds of values: what of two types can be compared, and what a column can take.

A kind is what the types ``varchar``, ``text`` and ``name`` have in common. The empty kind is that of a text in quotes
and of NULL, which take the type that is wanted; None is a type that is not known here, about which nothing is said.
"""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_interface

from xtrig.expressions.tree import Literal, Node

TEXT, NUMBER, BOOLEAN, ADDRESS = "text", "number", "boolean", "network address"
MOMENT, UNZONED, DATE, CLOCK = "timestamp with time zone", "timestamp", "date", "time"

_KINDS = {
    TEXT: "text varchar character|varying char character bpchar name citext",
    NUMBER: "smallint integer bigint int int2 int4 int8 numeric decimal real double|precision float float4 float8 oid "
    "number",
    BOOLEAN: "boolean bool",
    ADDRESS: "inet cidr",
    MOMENT: "timestamptz timestamp|with|time|zone",
    UNZONED: "timestamp timestamp|without|time|zone",
    DATE: "date",
    CLOCK: "time timetz time|with|time|zone time|without|time|zone",
    "interval": "interval",
    "json": "json jsonb",
    "uuid": "uuid",
    "bytes": "bytea",
}
_OF_TYPE = {name.replace("|", " "): kind for kind, names in _KINDS.items() for name in names.split()}
TIMES = frozenset((MOMENT, UNZONED, DATE))
_SIZE = re.compile(r"\s*\([^)]*\)")
_NUMBER = re.compile(
    r"\s*[+-]?(\d[\d_]*(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*\Z|\s*[+-]?(nan|inf|infinity)\s*\Z", re.IGNORECASE
)
_BOOLEANS = frozenset("t tr tru true f fa fal fals false y ye yes n no on of off 1 0".split())


def kind_of(type_name: str) -> str | None:
    """Return the kind of a type; None where it is of the vendor's or the user's own, or an array."""
    plain = " ".join(_SIZE.sub("", type_name.lower()).split())
    return "array" if plain.endswith("[]") else _OF_TYPE.get(plain)


def comparable(one: str | None, other: str | None) -> bool:
    """Whether values of two kinds can be compared, or stand side by side in COALESCE or CASE."""
    return not one or not other or one == other or {one, other} <= TIMES


def assignable(kind: str | None, column: str | None) -> bool:
    """Whether a column can take a value of a kind. A column of text takes every value."""
    if not kind or not column or column == TEXT:
        return True
    return comparable(kind, column) or (column == CLOCK and kind in (MOMENT, UNZONED))


def reads_as(node: Node, kind: str | None) -> bool:
    """Whether a text in quotes can be read as a value of the kind; true for everything that is no such text."""
    if not isinstance(node, Literal) or node.type or not node.is_quoted:
        return True
    text = node.text.strip()
    if kind == NUMBER:
        return _NUMBER.match(text) is not None
    if kind == BOOLEAN:
        return text.lower() in _BOOLEANS
    return kind != ADDRESS or _is_address(text)


def as_address(text: str) -> str:
    """Return a text as servers write the address of a client; empty for one that is no address, as a network is."""
    try:
        found = ip_address(text)
    except ValueError:
        return ""
    return text if found.version == 6 and "." in text else str(found)


def _is_address(text: str) -> bool:
    try:
        ip_interface(text)
    except ValueError:
        return False
    return True
