"""What a statement makes, changes or drops, read from PostgreSQL's own syntax tree and never by regex."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

from pglast import ast, keywords
from pglast.enums import ObjectType, VariableSetKind
from pglast.stream import RawStream

ENABLED = {"O": "origin", "R": "replica", "A": "always", "D": "disabled"}
LISTS_OF_NAMES = frozenset({"search_path", "temp_tablespaces"})
QUOTED_KEYWORDS = keywords.RESERVED_KEYWORDS | keywords.COL_NAME_KEYWORDS | keywords.TYPE_FUNC_NAME_KEYWORDS


@dataclass(frozen=True)
class Parsed:
    """One object of a script; a field that its kind doesn't have keeps its default."""

    kind: str
    name: str = ""
    nested: bool = False  # found inside a DO block
    event: str = ""  # event triggers
    function: str = ""
    tags: tuple[str, ...] = ()
    enabled: str = ""  # ALTER EVENT TRIGGER: origin, replica, always, disabled
    language: str = ""  # functions and DO blocks
    security_definer: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    returns: str = ""
    body: str = ""
    create_or_replace: bool = False
    on: str = ""  # comments: event_trigger, function, ...
    text: str | None = None


@singledispatch
def describe(statement: ast.Node) -> list[Parsed]:
    """List the objects of a statement; one that isn't named below goes by its node type."""
    return [Parsed(type(statement).__name__, dotted(getattr(statement, "relation", None)))]


@describe.register
def _(statement: ast.CreateEventTrigStmt) -> list[Parsed]:
    filters = statement.whenclause or ()
    if unknown := [item.defname for item in filters if item.defname != "tag"]:
        raise ValueError(f"event trigger {statement.trigname} filters by {unknown}; TAG is all there is")
    tags = tuple(value.sval for item in filters for value in item.arg)
    function = dotted(statement.funcname)
    event = statement.eventname
    return [Parsed("create_event_trigger", statement.trigname, event=event, function=function, tags=tags)]


@describe.register
def _(statement: ast.AlterEventTrigStmt) -> list[Parsed]:
    enabled = ENABLED[statement.tgenabled]
    return [Parsed("alter_event_trigger", statement.trigname, enabled=enabled)]


@describe.register
def _(statement: ast.CreateFunctionStmt) -> list[Parsed]:
    source = option(statement.options, "as") or (ast.String(sval=""),)
    security = option(statement.options, "security")
    function = Parsed(
        kind="create_procedure" if statement.is_procedure else "create_function",
        name=dotted(statement.funcname),
        language=dotted(option(statement.options, "language")),
        security_definer=bool(security and security.boolval),
        settings=dict(_setting(item.arg) for item in statement.options or () if item.defname == "set"),
        returns=RawStream()(statement.returnType) if statement.returnType else "",
        body=source[0].sval,
        create_or_replace=bool(statement.replace),
    )
    return [function]


@describe.register
def _(statement: ast.DoStmt) -> list[Parsed]:
    language = dotted(option(statement.args, "language")) or "plpgsql"
    return [Parsed("do", language=language, body=option(statement.args, "as").sval)]


@describe.register
def _(statement: ast.CommentStmt) -> list[Parsed]:
    on = _type_name(statement.objtype)
    return [Parsed("comment", dotted(statement.object), on=on, text=statement.comment)]


@describe.register
def _(statement: ast.DropStmt) -> list[Parsed]:
    return [Parsed(f"drop_{_type_name(statement.removeType)}", dotted(item)) for item in statement.objects]


@describe.register
def _(statement: ast.RenameStmt) -> list[Parsed]:
    name = dotted(statement.object or statement.relation)
    return [Parsed(f"alter_{_type_name(statement.renameType)}", name)]


@describe.register
def _(statement: ast.AlterOwnerStmt) -> list[Parsed]:
    return [Parsed(f"alter_{_type_name(statement.objectType)}", dotted(statement.object))]


@describe.register
def _(statement: ast.CreateStmt) -> list[Parsed]:
    return [Parsed("create_table", dotted(statement.relation))]


@describe.register
def _(statement: ast.CreateTableAsStmt) -> list[Parsed]:
    return [Parsed(f"create_{_type_name(statement.objtype)}", dotted(statement.into.rel))]


@describe.register
def _(statement: ast.CreateSchemaStmt) -> list[Parsed]:
    return [Parsed("create_schema", dotted(statement.schemaname))]


def dotted(node: object) -> str:
    """Give the dotted name, without quotes, that a name, a relation or a routine of the tree stands for."""
    match node:
        case str():
            return node
        case ast.String():
            return node.sval
        case ast.RangeVar():
            return ".".join(filter(None, (node.catalogname, node.schemaname, node.relname)))
        case ast.ObjectWithArgs():
            return dotted(node.objname)
        case ast.TypeName():
            return dotted(node.names)
        case tuple():
            return ".".join(map(dotted, node))
    return ""


def option(options: tuple[ast.DefElem, ...] | None, name: str) -> Any:
    """Give the argument of the option `name` of a CREATE FUNCTION or a DO, or None."""
    return next((item.arg for item in options or () if item.defname == name), None)


def _type_name(kind: ObjectType) -> str:
    return ObjectType(kind).name.removeprefix("OBJECT_").lower()


def _setting(clause: ast.VariableSetStmt) -> tuple[str, str]:
    """Spell a SET clause as pg_proc.proconfig would hold it: 'a, b' and a, b are different search paths."""
    if clause.kind != VariableSetKind.VAR_SET_VALUE:
        return clause.name, VariableSetKind(clause.kind).name.removeprefix("VAR_SET_")
    values = [_constant(argument) for argument in clause.args]
    if clause.name in LISTS_OF_NAMES:
        values = [_quoted(value) for value in values]
    return clause.name, ", ".join(values)


def _constant(node: ast.Node) -> str:
    value = getattr(node, "val", None)
    if isinstance(value, ast.String):
        return value.sval
    return RawStream()(node)


def _quoted(name: str) -> str:
    plain = name.isascii() and name.isidentifier() and name == name.lower() and name not in QUOTED_KEYWORDS
    return name if plain else '"' + name.replace('"', '""') + '"'
