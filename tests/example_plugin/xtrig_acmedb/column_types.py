"""Column types of definitions as AcmeDB has them; one that is not named here is refused by xtrig itself."""

from __future__ import annotations

from collections.abc import Mapping

COLUMN_TYPES: Mapping[str, str] = {
    "boolean": "FLAG",
    "smallint": "INT16",
    "integer": "INT32",
    "bigint": "INT64",
    "numeric()": "DECIMAL({})",
    "varchar()": "VARTEXT({})",
    "text": "LONGTEXT",
    "timestamptz": "MOMENT",
}
