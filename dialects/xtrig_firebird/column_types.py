"""Column types of definitions as Firebird has them, by version."""

from __future__ import annotations

from collections.abc import Mapping

from xtrig.dialect.capability import translated_type
from xtrig.plugin import Version

ZONES = (4, 0)
"""The first version with time zones in types and expressions."""

# Language Reference, Data Types. numeric without numbers is numeric(9, 0) there, which is not what it is elsewhere.
COLUMN_TYPES: Mapping[str, str] = {
    "boolean": "BOOLEAN",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "numeric()": "NUMERIC({})",
    "float4": "FLOAT",
    "float8": "DOUBLE PRECISION",
    "character": "CHAR(1) CHARACTER SET UTF8",
    "character()": "CHAR({}) CHARACTER SET UTF8",
    "varchar()": "VARCHAR({}) CHARACTER SET UTF8",
    "text": "BLOB SUB_TYPE TEXT CHARACTER SET UTF8",
    "inet": "VARCHAR(45) CHARACTER SET ASCII",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMP WITH TIME ZONE",
}
_CAST = {"text": "VARCHAR(8191) CHARACTER SET UTF8"}
"""What CAST makes of a type, where a column of it would be a BLOB; 8191 is the most in UTF-8."""


def column_type(wanted: str) -> str | None:
    """Return the type of a column; None where Firebird has none."""
    return translated_type(COLUMN_TYPES, wanted)


def known_types() -> str:
    """Return the types that there are, for people."""
    return ", ".join(each.replace("()", "(n)") for each in COLUMN_TYPES)


def on(version: Version, translated: str) -> str:
    """Return a type of :data:`COLUMN_TYPES` as a version has it: 3.0 keeps the server's time, without a zone."""
    return translated if version >= ZONES else translated.removesuffix(" WITH TIME ZONE")


def cast_to(wanted: str, translated: str | None) -> str | None:
    """Return the type that a value is cast to, where a column of it is ``translated``."""
    return _CAST.get(wanted.strip().lower(), translated)
