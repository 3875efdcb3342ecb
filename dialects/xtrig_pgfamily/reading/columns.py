"""The columns of CREATE TABLE."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from xtrig.model import Column
from xtrig_pgfamily.reading.parser import Parsed, postgast
from xtrig_pgfamily.reading.tokens import Token, closes, split, template, tokens

_SERIALS = {
    "serial": "integer",
    "serial4": "integer",
    "bigserial": "bigint",
    "serial8": "bigint",
    "smallserial": "smallint",
    "serial2": "smallint",
}
_AFTER_TYPE = frozenset(
    ("not", "null", "default", "primary", "generated", "unique", "check", "references", "constraint", "collate")
)
_CONSTRAINT = postgast.pg_query_pb2.ConstrType


def read_columns(statement: Parsed, types: Mapping[str, str]) -> tuple[dict[str, Column], list[str]]:
    """Return the columns, and what of the table no column of a definition can say."""
    found = tokens(statement.text)
    opening = next((number for number, token in enumerate(found) if token.word == "("), len(found))
    written = split(found[opening + 1 : closes(found, opening)])
    columns: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    for element, text in zip(statement.node.table_elts, written, strict=False):
        if element.WhichOneof("node") == "column_def":
            definition = element.column_def
            columns[definition.colname] = _column(definition, text, types, problems)
        elif element.WhichOneof("node") == "constraint":
            _table_constraint(element.constraint, columns, problems)
        else:
            problems.append("LIKE")
    return {name: Column(**fields) for name, fields in columns.items()}, problems


def _column(node: Any, text: tuple[Token, ...], types: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    end = next((number for number, token in enumerate(text[1:], 1) if token.word in _AFTER_TYPE), len(text))
    kind = re.sub(r"\s*([()])\s*", r"\1", template(text[1:end])).lower().replace('"', "")
    for foreign, ours in types.items():
        kind = re.sub(rf"^{foreign}\b", ours, kind)
    fields: dict[str, Any] = {"type": _SERIALS.get(kind, kind)}
    if kind in _SERIALS:
        fields["identity"] = True
    for constraint in node.constraints:
        _column_constraint(constraint.constraint, node.colname, fields, problems)
    return fields


def _column_constraint(constraint: Any, column: str, fields: dict[str, Any], problems: list[str]) -> None:
    match _CONSTRAINT.Name(constraint.contype):
        case "CONSTR_NOTNULL":
            fields["nullable"] = False
        case "CONSTR_PRIMARY":
            fields["primary_key"] = True
        case "CONSTR_IDENTITY":
            fields["identity"] = True
        case "CONSTR_DEFAULT":
            fields["default"] = deparsed(constraint.raw_expr)
        case "CONSTR_NULL":
            pass
        case other:
            problems.append(f"{_said(other)} of column {column}")


def _table_constraint(constraint: Any, columns: dict[str, dict[str, Any]], problems: list[str]) -> None:
    kind = _CONSTRAINT.Name(constraint.contype)
    if kind != "CONSTR_PRIMARY":
        problems.append(_said(kind))
        return
    for key in constraint.keys:
        columns[key.string.sval]["primary_key"] = True


def _said(kind: str) -> str:
    return kind.removeprefix("CONSTR_").replace("_", " ")


def deparsed(expression: Any) -> str:
    """Return a parse tree's expression as text."""
    tree = postgast.parse("SELECT 1")
    tree.stmts[0].stmt.select_stmt.target_list[0].res_target.val.CopyFrom(expression)
    return str(postgast.deparse(tree)).removeprefix("SELECT ")
