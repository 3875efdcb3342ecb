"""Column types of definitions as Oracle has them.

Left out is what would mean something else: DATE has a time of day, and 19c has no BOOLEAN in SQL.
Source: Oracle Database SQL Language Reference 19c, Data Types.
"""

from __future__ import annotations

from collections.abc import Mapping

COLUMN_TYPES: Mapping[str, str] = {
    "smallint": "NUMBER(5)",
    "integer": "NUMBER(10)",
    "bigint": "NUMBER(19)",
    "numeric": "NUMBER",
    "numeric()": "NUMBER({})",
    "float4": "BINARY_FLOAT",
    "float8": "BINARY_DOUBLE",
    "character()": "CHAR({} CHAR)",
    "varchar()": "VARCHAR2({} CHAR)",
    # The longest that can be compared and indexed; a CLOB can be neither.
    "text": "VARCHAR2(4000 BYTE)",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMP WITH TIME ZONE",
}
