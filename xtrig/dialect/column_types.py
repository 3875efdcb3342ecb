"""Column types of a definition in the words of a vendor."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PARTS = re.compile(r"([^(\[]+)(?:\(([^)]*)\))?(.*)", re.DOTALL)
_SYNONYMS = {
    "bool": "boolean",
    "char": "character",
    "character varying": "varchar",
    "decimal": "numeric",
    "double precision": "float8",
    "float": "float8",
    "int": "integer",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "real": "float4",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
}
"""The types that have two names, by the one that a dialect does not declare."""


def translated(types: Mapping[str, str], wanted: str) -> str | None:
    """Return the vendor's type for ``wanted``, or None where it has none.

    ``types`` is :attr:`xtrig.dialect.Dialect.column_types`. An array is a type of its own, such as ``text[]``.
    """
    parts = _PARTS.fullmatch(wanted)
    assert parts is not None, "the model refuses what is no type"  # noqa: S101
    base, size, rest = parts.groups()
    words = " ".join((base + rest).lower().split())
    known = types.get(_SYNONYMS.get(words, words) + ("" if size is None else "()"))
    return known and known.replace("{}", size or "")
