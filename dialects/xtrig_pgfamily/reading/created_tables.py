"""CREATE TABLE, and the ALTER TABLE that pg_dump writes after it, to the columns of a table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from xtrig.model import Column, Table
from xtrig_pgfamily.reading.parser import Parsed, deparsed, parse_one, postgast
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
    """Return the columns, and the properties of the table that a definition cannot express.

    There are no columns if there are none, or if one has a type that a definition cannot express.
    """
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
    made: dict[str, Column] = {}
    for column, fields in columns.items():
        try:
            made[column] = Column(**fields)
        except ValidationError:
            return {}, [*problems, f"the type or default of column {column!r}"]
    return made, problems


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
    keys = [key.string.sval for key in constraint.keys]
    if not columns.keys() >= set(keys):
        problems.append("PRIMARY KEY of an inherited column")
        return
    for key in keys:
        columns[key]["primary_key"] = True


def _said(kind: str) -> str:
    return kind.removeprefix("CONSTR_").replace("_", " ")


_CASCADE = postgast.pg_query_pb2.DropBehavior.Value("DROP_CASCADE")
_ALTERATION = postgast.pg_query_pb2.AlterTableType


def altered(statement: Parsed, table: Table, types: Mapping[str, str]) -> tuple[Table, list[str]] | None:
    """Return a table after ALTER TABLE, and the names of sequences that its columns take their values from.

    None: a definition cannot express what the statement does. Expressed are a primary key, an identity, a default,
    and a column that comes or goes.
    """
    columns = dict(table.columns)
    sequences: list[str] = []
    for each in statement.node.cmds:
        command = each.alter_table_cmd
        wanted = getattr(command, "def")
        kind = _ALTERATION.Name(command.subtype)
        keys = _primary_key(wanted.constraint) if kind == "AT_AddConstraint" else None
        if kind == "AT_AddColumn":
            added, problems = read_columns(_as_created(wanted.column_def), types)
            if problems or len(added) != 1:
                return None
            columns |= {name: each for name, each in added.items() if name not in columns or not command.missing_ok}
        elif kind == "AT_DropColumn" and command.behavior != _CASCADE:
            columns.pop(command.name, None)
        elif keys is not None and columns.keys() >= set(keys):
            columns |= {key: columns[key].model_copy(update={"primary_key": True}) for key in keys}
        elif kind == "AT_AddIdentity" and command.name in columns:
            columns[command.name] = columns[command.name].model_copy(update={"identity": True})
        elif kind == "AT_ColumnDefault" and command.name in columns and wanted.WhichOneof("node"):
            sequence = _sequence(wanted)
            given = {"identity": True} if sequence else {"default": deparsed(wanted)}
            columns[command.name] = columns[command.name].model_copy(update=given)
            sequences += [sequence] if sequence else []
        else:
            return None
    try:
        made = {
            name: Column(**{key: getattr(each, key) for key in each.model_fields_set}) for name, each in columns.items()
        }
    except ValidationError:
        return None
    return Table(columns=made), sequences


def _as_created(definition: Any) -> Parsed:
    """Return the CREATE TABLE of one column."""
    tree = postgast.parse("CREATE TABLE added (a int)")
    tree.stmts[0].stmt.create_stmt.table_elts[0].column_def.CopyFrom(definition)
    return parse_one(str(postgast.deparse(tree)))


def _primary_key(constraint: Any) -> list[str] | None:
    is_plain = not constraint.indexname and not constraint.deferrable and not constraint.including
    if _CONSTRAINT.Name(constraint.contype) != "CONSTR_PRIMARY" or not is_plain:
        return None
    return [key.string.sval for key in constraint.keys]


def _sequence(default: Any) -> str | None:
    """Return the sequence of a default such as ``nextval('public.log_id_seq'::regclass)``."""
    call = default.func_call
    if default.WhichOneof("node") != "func_call" or [each.string.sval for each in call.funcname][-1] != "nextval":
        return None
    argument = call.args[0].type_cast.arg if call.args[0].WhichOneof("node") == "type_cast" else call.args[0]
    return str(argument.a_const.sval.sval).rpartition(".")[2].strip('"') or None
