"""Names, texts and types as MariaDB reads them, under the settings that every script makes first."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from xtrig.plugin import Statement, literal, quoted

BINARY = "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"
"""How texts are compared: as on PostgreSQL, by case, accent and trailing space. The server's default ignores them."""

SETTINGS = (
    Statement("SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin", "How this text and its literals are read and compared"),
    Statement(
        "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'",
        "Procedures keep this mode: a value that does not fit is an error, and a backslash in a text is itself",
    ),
)

COLUMN_TYPES: Mapping[str, str] = {
    # As information_schema.columns says them, so that what is made and what is found compare.
    "boolean": "tinyint(1)",
    "smallint": "smallint(6)",
    "integer": "int(11)",
    "bigint": "bigint(20)",
    "numeric()": "decimal({})",
    "float4": "float",
    "float8": "double",
    "character()": "char({})",
    "varchar()": "varchar({})",
    "text": "longtext",
    "date": "date",
    "time": "time(6)",
    "timestamp": "datetime(6)",
    "timestamptz": "timestamp(6)",
}


def name(*parts: str) -> str:
    """Return an identifier in backticks, which mean the same in every sql_mode; its parts with dots between them."""
    return ".".join(quoted(part, "`") for part in parts)


def text(value: str) -> str:
    """Return a string literal under NO_BACKSLASH_ESCAPES."""
    return literal(value, backslash_escapes=False)


def concatenated(parts: Iterable[str]) -> str:
    """Return operands joined to one text."""
    operands = list(parts)
    return operands[0] if len(operands) == 1 else f"CONCAT({', '.join(operands)})"


def folded(word: str) -> str:
    """Return the form in which names are compared: the server takes no account of case, and in routines of accents."""
    plain = (char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char))
    return "".join(plain).casefold()
