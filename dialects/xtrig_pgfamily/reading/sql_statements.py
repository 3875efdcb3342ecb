"""Single SQL statements to columns, rows and steps: CREATE TABLE, INSERT, GRANT, REVOKE, ALTER TABLE ... OWNER."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from xtrig.model import Column, CreateTempTable, GrantRole, RevokeRole, Step
from xtrig_pgfamily.reading.body_scope import Scope
from xtrig_pgfamily.reading.messages import ARGUMENT
from xtrig_pgfamily.reading.parser import Parsed, Unparsed, parse_one, postgast
from xtrig_pgfamily.reading.tokens import Token, Tokens, closes, split, template, tokens, unwrapped

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
    for name, fields in columns.items():
        try:
            made[name] = Column(**fields)
        except ValidationError:
            return {}, [*problems, f"the type or default of column {name!r}"]
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


def deparsed(expression: Any) -> str:
    """Return a parse tree's expression as text."""
    tree = postgast.parse("SELECT 1")
    tree.stmts[0].stmt.select_stmt.target_list[0].res_target.val.CopyFrom(expression)
    return str(postgast.deparse(tree)).removeprefix("SELECT ")


_NOT_OVERRIDING = 1


def named(parts: Any) -> tuple[str | None, str]:
    """Return schema and name of a list of name nodes."""
    found = [each.string.sval for each in parts]
    return (found[-2] if len(found) > 1 else None), found[-1]


def names(found: Sequence[Token]) -> list[str]:
    """Return the parts of a dotted name, or nothing for anything else."""
    parts: list[str] = []
    for number, token in enumerate(token for token in found if token.word != "."):
        text = token.text
        if "." in text and not text.startswith('"'):  # pg_catalog.x is one token
            parts += text.lower().split(".")
        elif text.startswith('"'):
            parts.append(text[1:-1].replace('""', '"'))
        elif text[:1].isalpha() or text[:1] == "_":
            parts.append(text.lower())
        else:
            return []
        if number > 2:
            return []
    return parts


def is_one_row(node: Any) -> bool:
    """Whether an INSERT is one row of VALUES without further clauses."""
    more = ("on_conflict_clause", "with_clause", "returning_clause")
    is_plain = not any(map(node.HasField, more)) and node.override <= _NOT_OVERRIDING
    return len(node.select_stmt.select_stmt.values_lists) == 1 and is_plain


def inserted(statement: Parsed, scope: Scope) -> tuple[str | None, str, dict[str, Tokens]]:
    """Return schema, table and the value of each column; raises :class:`Unparsed` for anything after VALUES."""
    node = statement.node
    schema, table = node.relation.schemaname or None, node.relation.relname
    columns = [target.res_target.name for target in node.cols] or _positional(scope, schema, table)
    found = scope.read(statement.text)
    start = next(number for number, token in enumerate(found) if token.word == "values") + 1
    if closes(found, start) != len(found) - 1:
        raise Unparsed("an INSERT with something after its values")
    values = [scope.literal_event(each) for each in split(found[start + 1 : -1])]
    if len(values) > len(columns):
        raise Unparsed("an INSERT with more values than columns")
    pairs = zip(columns, values, strict=False)
    return schema, table, {column: each for column, each in pairs if [token.word for token in each] != ["default"]}


def _positional(scope: Scope, schema: str | None, table: str) -> list[str]:
    named = (each for (_, name), each in scope.tables.items() if name == table)
    made = scope.tables.get((schema, table)) or next(named, None)
    if made is None or not made.table.columns:
        raise Unparsed(f"an INSERT without columns into {table}, which the script does not create")
    return list(made.table.columns)


def temporary_table(statement: Parsed) -> CreateTempTable:
    """Return the step for CREATE TEMP TABLE."""
    node = statement.node
    if node.relation.relpersistence != "t" or node.oncommit not in (0, 1):
        raise Unparsed("a table that is created at every event")
    columns, problems = read_columns(statement, {})
    if problems:
        raise Unparsed(problems[0])
    return CreateTempTable(table=node.relation.relname, columns=columns)


_WORD = r'("(?:[^"]|"")+"|\w+)'
_MEMBERSHIP = re.compile(rf"\s*(GRANT|REVOKE)\s+{_WORD}\s+(?:TO|FROM)\s+{_WORD}\s*;?\s*\Z", re.IGNORECASE)
_OWNER = re.compile(rf"\s*ALTER\s+TABLE\s+(?:pg_temp\.)?{_WORD}\s+OWNER\s+TO\s+{_WORD}\s*;?\s*\Z", re.IGNORECASE)


def read_command(text: str, arguments: Mapping[str, Tokens], steps: list[Step], scope: Scope) -> None:
    """Add the step of a command; ``arguments`` are its expressions by the words that replace them.

    The new owner of a table goes into the step that creates the table. Raises Unparsed for any other command.
    """
    if granted := _MEMBERSHIP.match(text):
        role, who = _constant(granted[2]), _role(granted[3], arguments, scope)
        grants = granted[1].upper() == "GRANT"
        steps.append(GrantRole(role=role, to=who) if grants else RevokeRole(role=role, from_=who))
    elif owned := _OWNER.match(text):
        last = steps[-1] if steps else None
        if not isinstance(last, CreateTempTable) or last.table != _constant(owned[1]):
            raise Unparsed("a new owner for a table that was not created just before")
        steps[-1] = last.model_copy(update={"owner": _role(owned[2], arguments, scope)})
    else:
        statement = None if arguments else parse_one(text)
        if statement is None or statement.kind != "create_stmt":
            shown = re.sub(rf"{ARGUMENT}\d+_", "...", text)
            raise Unparsed(f"EXECUTE of {shown[:40]!r}")
        steps.append(temporary_table(statement))


def _role(word: str, arguments: Mapping[str, Tokens], scope: Scope) -> str:
    if _plain(word) in arguments:
        return template(unwrapped(arguments[_plain(word)]))
    if word.lower() in ("session_user", "current_user"):
        return scope.expression(word)
    role = _constant(word).replace("'", "''")
    return f"'{role}'"


def _constant(word: str) -> str:
    name = _plain(word)
    if ARGUMENT in name:
        raise Unparsed("EXECUTE of a command with a name that is put together")
    return name


def _plain(word: str) -> str:
    return word[1:-1].replace('""', '"') if word.startswith('"') else word.lower()
