"""Single SQL statements to columns, rows and steps: CREATE TABLE, INSERT, GRANT, REVOKE, ALTER TABLE ... OWNER."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xtrig.model import CreateTempTable, GrantRole, RevokeRole, Step
from xtrig.plugin import literal
from xtrig_pgfamily.builtin import conditions
from xtrig_pgfamily.reading.body_scope import Scope
from xtrig_pgfamily.reading.created_tables import read_columns
from xtrig_pgfamily.reading.guards import setting
from xtrig_pgfamily.reading.messages import ARGUMENT
from xtrig_pgfamily.reading.parser import Parsed, Unparsed, parse_one, postgast
from xtrig_pgfamily.reading.tokens import Token, Tokens, closes, split, string, template, tokens, unwrapped
from xtrig_pgfamily.words import LISTS_OF_NAMES, listed_names, name

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


def is_plain(node: Any, scope: Scope) -> bool:
    """Whether an INSERT fills columns of a table with rows, and has no further clauses."""
    more = ("on_conflict_clause", "with_clause", "returning_clause")
    is_own = node.relation.schemaname == "pg_temp" or node.relation.relname in scope.temporary
    is_bare = not any(map(node.HasField, more)) and node.override <= _NOT_OVERRIDING and not is_own
    return is_bare and not any(target.res_target.indirection for target in node.cols)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that an INSERT writes: to which table, and the values of each row by column."""

    schema: str | None
    table: str
    rows: tuple[dict[str, Tokens], ...]


def inserted(statement: Parsed, scope: Scope) -> Rows:
    """Return what an INSERT of VALUES writes; raises :class:`Unparsed` for anything after VALUES."""
    schema, table, columns = filled_columns(statement.node, scope)
    found = scope.read(statement.text)
    start = next(number for number, token in enumerate(found) if token.word == "values") + 1
    rows: list[dict[str, Tokens]] = []
    for row in split(found[start:]):
        if not row or row[0].word != "(" or closes(row, 0) != len(row) - 1:
            raise Unparsed("an INSERT with something after its values")
        rows.append(row_of(columns, split(row[1:-1]), scope))
    return Rows(schema, table, tuple(rows))


def row_of(columns: Sequence[str], found: Sequence[Tokens], scope: Scope) -> dict[str, Tokens]:
    """Return values by column, without those that are the column's default."""
    if len(found) > len(columns):
        raise Unparsed("an INSERT with more values than columns")
    values = [scope.literal_event(each) for each in found]
    pairs = zip(columns, values, strict=False)
    return {column: each for column, each in pairs if [token.word for token in each] != ["default"]}


def filled_columns(node: Any, scope: Scope) -> tuple[str | None, str, list[str]]:
    """Return schema, name and columns of the table that an INSERT fills."""
    schema, table = node.relation.schemaname or None, node.relation.relname
    columns = [target.res_target.name for target in node.cols] or _positional(scope, schema, table)
    if len(set(columns)) < len(columns):
        raise Unparsed("an INSERT that names a column twice")
    return schema or scope.schema_of_table(table), table, columns


def _positional(scope: Scope, schema: str | None, table: str) -> list[str]:
    named = (each for (_, name), each in scope.known.tables.items() if name == table)
    made = scope.known.tables.get((schema, table)) or next(named, None)
    if made is None or not made.table.columns:
        raise Unparsed(f"an INSERT without columns into {table}, which the script does not create")
    return list(made.table.columns)


def temporary_table(statement: Parsed, scope: Scope) -> CreateTempTable:
    """Return the step for CREATE TEMP TABLE."""
    node = statement.node
    if node.relation.relpersistence != "t" or node.oncommit not in (0, 1):
        raise Unparsed("a table that is created at every event")
    columns, problems = read_columns(statement, {})
    if problems or node.inh_relations or node.options or node.HasField("partspec") or node.HasField("of_typename"):
        raise Unparsed(problems[0] if problems else "a temporary table with further clauses")
    scope.temporary.add(node.relation.relname)
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
        steps.append(temporary_table(statement, scope))


def _role(word: str, arguments: Mapping[str, Tokens], scope: Scope) -> str:
    if _plain(word) in arguments:
        return template(unwrapped(arguments[_plain(word)]))
    if word.lower() in ("session_user", "current_user"):
        return scope.expression(word)
    role = _constant(word).replace("'", "''")
    return f"'{role}'"


def _constant(word: str) -> str:
    plain = _plain(word)
    if ARGUMENT in plain:
        raise Unparsed("EXECUTE of a command with a name that is put together")
    return plain


def _plain(word: str) -> str:
    return word[1:-1].replace('""', '"') if word.startswith('"') else word.lower()


_SET_VALUE = postgast.pg_query_pb2.VariableSetKind.Value("VAR_SET_VALUE")
_STATE = re.compile(r"[0-9A-Z]{5}")


def setting_value(node: Any) -> str | None:
    """Return the value of SET as ``pg_settings`` has it; None for DEFAULT, RESET and what is no constant."""
    if node.kind != _SET_VALUE or any(each.WhichOneof("node") != "a_const" for each in node.args):
        return None
    values = [_constant_of(each.a_const) for each in node.args]
    if node.name.lower() in LISTS_OF_NAMES:
        values = [name(each) if each else '""' for each in values]
    return ", ".join(values)


def parameter_set(statement: Parsed) -> tuple[str, Tokens, bool]:
    """Return parameter, value and ``is_local`` of SET; raises :class:`Unparsed`."""
    found = setting_value(statement.node)
    if found is None:
        raise Unparsed(f"{statement.text[:40]!r} sets no constant")
    return statement.node.name, tokens(literal(found)), statement.node.is_local


def _constant_of(node: Any) -> str:
    match node.WhichOneof("val"):
        case "ival":
            return str(node.ival.ival)
        case "fval":
            return str(node.fval.fval)
        case _:
            return str(node.sval.sval)


def condition_state(condition: str) -> str:
    """Return the SQLSTATE of a condition that RAISE names; raises :class:`Unparsed` if it is none."""
    if _STATE.fullmatch(condition):
        return condition
    state = conditions().get(condition.lower())
    if state is None:
        raise Unparsed(f"the error condition {condition!r}, which PL/pgSQL does not know")
    return state


def path_set(statement: Parsed) -> tuple[str, ...] | None:
    """Return the schemas of a statement that sets search_path, in either form; None for any other."""
    if statement.kind == "variable_set_stmt":
        is_path = statement.node.name.lower() == "search_path"
        value = setting_value(statement.node) if is_path else None
        return None if value is None else listed_names(value)
    found = setting(tokens(statement.text)[1:])
    value = string(found[1]) if found and found[0] == "search_path" else None
    return None if value is None else listed_names(value)
